// Jobs as text. Pure functions of the server's data.

import { clock } from "./clock.js";
import { language, t, tn } from "./i18n.js";

export const isOver = (job) => !["queued", "running"].includes(job.state);

/** The names of the tracks. */
export const TRACKS = { mix: t("Song"), instrumental: t("Instrumental"), vocals: t("Vocals"), blend: t("Mix") };

/** The names of the separate tracks within a sentence. */
const TRACKS_WITHIN = { instrumental: t("instrumental"), vocals: t("vocals") };

/** The separate tracks that a job has. */
export const tracksOf = (job) => ["instrumental", "vocals"].filter((track) => job.tracks?.includes(track));

const STAGES = {
  loading: t("Loading the models"),
  reading: t("Reading the song"),
  separating: t("Separating the vocals"),
  recognising: t("Recognising the words"),
  timing: t("Timing the words"),
  writing: t("Saving"),
  drawing: t("Drawing"),
};

/** A stage as text; unknown ones unchanged. The words of given lyrics are timed where those of others are recognised. */
export const stageText = (stage, kind = "transcribe") =>
  kind === "align" && stage === "recognising"
    ? STAGES.timing
    : stage
      ? (STAGES[stage] ?? stage.charAt(0).toUpperCase() + stage.slice(1))
      : t("Processing");

/** What is being found in a finished song, as text. */
export function followUpText(job) {
  const values = { percent: percent(job) };
  if (job.wanted[0] === "timing") return t("Ready, timing words");
  const isShown = job.state === "running" && job.progress !== null;
  if (!["melody", "chords"].includes(job.wanted[0])) return t("Ready; {stage}", { stage: stageText(job.stage) });
  if (job.wanted[0] === "melody") return isShown ? t("Ready, finding the melody, {percent} %", values) : t("Ready, finding the melody");
  return isShown ? t("Ready, finding the chords, {percent} %", values) : t("Ready, finding the chords");
}

/** The state of a job as text. */
export function stateText(job) {
  if (job.has_lyrics && !isOver(job) && job.wanted?.length) return followUpText(job);
  switch (job.state) {
    case "queued":
      if (job.has_lyrics) return t("Ready, tracks will be made");
      return job.position > 1 ? t("Waiting, number {n} in the queue", { n: job.position }) : t("Waiting, next in the queue");
    case "running":
      if (job.has_lyrics)
        return job.progress === null ? t("Ready, making tracks") : t("Ready, making tracks, {percent} %", { percent: percent(job) });
      return stageText(job.stage, job.kind);
    case "done":
      return job.warning ? t("Ready, but the language may be wrong") : t("Ready");
    case "failed":
      return t("Failed");
    default:
      return t("Cancelled");
  }
}

export const percent = (job) => Math.round((job.progress ?? 0) * 100);

const languageNames = new Intl.DisplayNames([language], { type: "language", fallback: "code" });

/** The name of the language of a song; empty if it is not known. */
export const languageOf = (job) => (job.sung_language ? languageNames.of(job.sung_language) : "");

/** The kind of job, the song's duration, language and tracks. */
export const facts = (job) =>
  [
    job.kind === "align" ? t("Given lyrics") : job.has_lyrics ? t("Transcribed") : t("Transcription"),
    job.duration_s ? clock(job.duration_s) : null,
    languageOf(job),
    tracksOf(job)
      .map((track) => TRACKS_WITHIN[track])
      .join(", "),
  ]
    .filter(Boolean)
    .join(" · ");

/** Until when a song is kept, as text; null while that is open. */
export function expiryText(job) {
  if (!job.expires_at) return job.edited ? t("kept, because you corrected it") : null;
  const day = new Date(job.expires_at * 1000).toLocaleDateString(language, { day: "numeric", month: "long" });
  return job.edited ? t("will be deleted on {day}, because the disk space for songs is used up", { day }) : t("kept until {day}", { day });
}

/** When a song was added, as text. */
export const addedText = (job) =>
  new Date(job.created_at * 1000).toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" });

const ORDERS = {
  date: (a, b) => b.created_at - a.created_at,
  title: (a, b) => (a.title ?? stem(a.name)).localeCompare(b.title ?? stem(b.name)),
  artist: (a, b) => Number(!a.artist) - Number(!b.artist) || songName(a).localeCompare(songName(b)),
  language: (a, b) => Number(!languageOf(a)) - Number(!languageOf(b)) || languageOf(a).localeCompare(languageOf(b)),
  length: (a, b) => (b.duration_s ?? 0) - (a.duration_s ?? 0),
};

/** Running jobs first, then queued ones in order, then the others by "date" (newest first), "title", "artist", "language" or "length". */
export function inOrder(jobs, by = "date") {
  const rank = { running: 0, queued: 1 };
  return [...jobs].sort(
    (a, b) =>
      (rank[a.state] ?? 2) - (rank[b.state] ?? 2) || (a.state === "queued" ? (a.position ?? 0) - (b.position ?? 0) : ORDERS[by](a, b)),
  );
}

/** One line about all jobs: "1 running, 12 waiting, 30 ready". */
export function summary(jobs) {
  const many = (state) => jobs.filter((job) => job.state === state).length;
  const parts = [
    many("running") && t("{n} running", { n: many("running") }),
    many("queued") && t("{n} waiting", { n: many("queued") }),
    many("done") && t("{n} ready", { n: many("done") }),
    many("failed") && t("{n} failed", { n: many("failed") }),
  ];
  return parts.filter(Boolean).join(", ") || tn(jobs.length, "{n} song", "{n} songs");
}

/** A file name without its suffix. */
export const stem = (name) => name.replace(/\.[^.]{1,5}$/u, "");

/** How a song is called: artist and title by its tags, else its file name. */
export const songName = (job) => (job.title ? [job.artist, job.title].filter(Boolean).join(" – ") : stem(job.name));

/** The announcement of a change of state for screen readers, or null. */
export function announcement(before, job) {
  if (before && before.state === job.state && before.has_lyrics === job.has_lyrics) return null;
  if (before?.has_lyrics) return job.state === "done" ? t("The tracks of {name} are ready", { name: songName(job) }) : null;
  const values = { name: songName(job), error: job.error ?? "" };
  const texts = {
    done: t("{name} is ready", values),
    failed: t("{name} failed: {error}", values),
    running: t("{name} is being processed", values),
    cancelled: t("{name} was cancelled", values),
  };
  return (before && texts[job.has_lyrics ? "done" : job.state]) || null;
}
