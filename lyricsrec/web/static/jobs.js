// Jobs as people see them. Pure functions of what the server says.

import { clock, count } from "./clock.js";

export const isOver = (job) => !["queued", "running"].includes(job.state);

const STAGES = {
  loading: "Loading the models", reading: "Reading the song", separating: "Separating the voice", recognising: "Listening", timing: "Timing the words", writing: "Writing it down",
};

/** A stage in words; unknown ones as they are. */
export const stageText = (stage) =>
  stage ? STAGES[stage] ?? stage.charAt(0).toUpperCase() + stage.slice(1) : "At work";

/** The state of a job in a few words. */
export function stateText(job) {
  switch (job.state) {
    case "queued": return job.position > 1 ? `Waiting, number ${job.position} in the queue` : "Waiting, next in the queue";
    case "running": return job.progress === null ? stageText(job.stage) : `${stageText(job.stage)}, ${percent(job)} %`;
    case "done": return "Ready";
    case "failed": return "Failed";
    default: return "Cancelled";
  }
}

export const percent = (job) => Math.round((job.progress ?? 0) * 100);

/** What kind of a job, how long a song. */
export const facts = (job) =>
  [job.kind === "align" ? "Given lyrics" : job.state === "done" ? "Written down" : "To write down", job.duration_s ? clock(job.duration_s) : null,
    job.has_stems ? "voice apart" : null].filter(Boolean).join(" · ");

/** Running first, then waiting in their order, then the others, newest first. */
export function inOrder(jobs) {
  const rank = { running: 0, queued: 1 };
  return [...jobs].sort((a, b) =>
    (rank[a.state] ?? 2) - (rank[b.state] ?? 2)
    || (a.state === "queued" ? (a.position ?? 0) - (b.position ?? 0) : b.created_at - a.created_at));
}

/** One line about all jobs: "1 at work, 12 waiting, 30 ready". */
export function summary(jobs) {
  const many = (state) => jobs.filter((job) => job.state === state).length;
  const parts = [[many("running"), "at work"], [many("queued"), "waiting"], [many("done"), "ready"], [many("failed"), "failed"]];
  return parts.filter(([n]) => n).map(([n, what]) => `${n} ${what}`).join(", ") || count(jobs.length, "song");
}

/** The name of a song file without its ending. */
export const stem = (name) => name.replace(/\.[^.]{1,5}$/u, "");

/** What a change of state is worth saying aloud, or null. */
export function news(before, job) {
  if (before && before.state === job.state) return null;
  const said = { done: "is ready", failed: `failed: ${job.error ?? ""}`, running: "is being worked on", cancelled: "was cancelled" };
  return before && said[job.state] ? `${stem(job.name)} ${said[job.state]}` : null;
}
