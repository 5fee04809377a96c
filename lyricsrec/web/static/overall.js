// How far a job is as a whole, and how long it will still take. What the stages took of earlier jobs is kept in this browser.

import { t, tn } from "./i18n.js";
import { stageText } from "./jobs.js";
import * as storage from "./storage.js";

const KEY = "lyricsrec.stages";
/** The share of each stage of the work, until it was measured here. */
const SHARES = {
  transcribe: { reading: 0.03, loading: 0.1, separating: 0.2, recognising: 0.6, timing: 0.07 },
  align: { reading: 0.05, loading: 0.1, separating: 0.5, recognising: 0.35 },
};
/** Longer songs are separated and recognised in turns, block by block. */
const BLOCK_S = 300;
const MIN_SEEN_S = 4;
const MIN_SEEN = 0.03;

const followed = new Map();

const kindOf = (job) => (job.kind === "align" ? "align" : `transcribe ${job.preset}`);

function measured() {
  try {
    return JSON.parse(storage.read(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** {part: 0 to 1, left_s: seconds or null, stages: [{name, part, isNow}]} of a running job whose lyrics are not ready. */
export function follow(job, now_s = performance.now() / 1000) {
  const state = followed.get(job.id) ?? { parts: {}, took: {}, stage: null, at_s: now_s, began: null, isWhole: job.stage === "reading" };
  followed.set(job.id, state);
  if (state.stage) state.took[state.stage] = (state.took[state.stage] ?? 0) + now_s - state.at_s;
  [state.stage, state.at_s] = [job.stage, now_s];
  const shares = measured()[kindOf(job)] ?? SHARES[job.kind] ?? SHARES.transcribe;
  const names = Object.keys(shares);
  const here = names.indexOf(job.stage);
  names.forEach((name, i) => {
    const isDone = job.stage === "writing" || (i < here && (name === "reading" || name === "loading" || (job.duration_s ?? 0) <= BLOCK_S));
    const part = isDone && name !== "timing" ? 1 : i <= here ? (job.progress ?? 0) : 0;
    state.parts[name] = Math.max(state.parts[name] ?? 0, job.stage === "writing" ? 1 : part);
  });
  const part = names.reduce((sum, name) => sum + shares[name] * state.parts[name], 0) / names.reduce((sum, name) => sum + shares[name], 0);
  state.began ??= { at_s: now_s, part };
  const [seen_s, seen] = [now_s - state.began.at_s, part - state.began.part];
  const left_s = seen_s >= MIN_SEEN_S && seen >= MIN_SEEN ? ((1 - part) * seen_s) / seen : null;
  return {
    part,
    left_s,
    stages: names.map((name) => ({ name: stageText(name, job.kind), part: state.parts[name], isNow: name === job.stage })),
  };
}

/** Keep what the stages of a job took, once its lyrics are ready. */
export function finish(job) {
  const state = followed.get(job.id);
  followed.delete(job.id);
  if (!state?.isWhole || !job.has_lyrics) return;
  const names = Object.keys(SHARES[job.kind]).filter((name) => state.took[name] > 0);
  const total = names.reduce((sum, name) => sum + state.took[name], 0);
  if (names.length < 2 || total < MIN_SEEN_S) return;
  const shares = Object.fromEntries(names.map((name) => [name, Math.round((1000 * state.took[name]) / total) / 1000]));
  storage.write(KEY, JSON.stringify({ ...measured(), [kindOf(job)]: shares }));
}

/** How far it is, and how long it takes, as text: "62 %, about 2 minutes left". */
export function overallText({ part, left_s }) {
  const percent = `${Math.floor(100 * part)} %`;
  if (left_s === null) return percent;
  const left =
    left_s < 50
      ? t("less than a minute left")
      : tn(Math.max(1, Math.round(left_s / 60)), "about {n} minute left", "about {n} minutes left");
  return `${percent}, ${left}`;
}
