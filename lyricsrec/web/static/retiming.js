// Times for words that have none: the server finds them, in the parts of the song that hold those words.

import * as api from "./api.js";
import { $, setText } from "./dom.js";
import { t, tn } from "./i18n.js";
import { stageText } from "./jobs.js";
import { placed, toDocument } from "./timing.js";

const POLL_MS = 300;
/** After this time in the queue, another song is being processed. */
const QUEUED_MS = 4000;

const isSung = (line) => !["translation", "romanised"].includes(line.role);

/** How many sung words have no times. */
export const untimed = (doc) => doc.lines.filter(isSung).flatMap(({ words }) => words.filter((word) => !placed(word))).length;

/** The first of them, {line, word}, or null. */
export function firstUntimed(doc) {
  const line = doc.lines.findIndex((each) => isSung(each) && !each.words.every(placed));
  return line < 0 ? null : { line, word: doc.lines[line].words.findIndex((word) => !placed(word)) };
}

/** The lines `first` to `last` without times. */
export const withoutTimes = (doc, { first, last }) => ({
  ...doc,
  lines: doc.lines.map((line, i) => (i < first || i > last ? line : { ...line, words: line.words.map(open) })),
});

const open = (word) => ({ ...word, start_s: null, end_s: null });

/** The dialog that shows how far the server is. */
export class Retiming {
  #isStopped = false;

  constructor() {
    $("#timing-cancel").addEventListener("click", () => this.#stop());
    $("#timing").addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#stop();
    });
  }

  #stop() {
    this.#isStopped = true;
    $("#timing").close();
  }

  /** Time all words of a transcript that have no times; resolves to the new one, to null if that was cancelled. Throws ApiError. */
  async run({ id, revision }, doc) {
    this.#isStopped = false;
    const many = untimed(doc);
    setText($("#timing-title"), tn(many, "Timing {n} word", "Timing {n} words"));
    setText($("#timing-state"), t("Waiting for the server …"));
    $("#timing progress").removeAttribute("value");
    $("#timing").showModal();
    try {
      const began = performance.now();
      let job = await api.timeWords(id, revision, toDocument(doc));
      while (!this.#isStopped && job.wanted.includes("timing")) {
        this.#show(job, performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        job = await api.getJob(id);
      }
      if (!this.#isStopped) return { ...doc, lines: (await api.timedWords(id)).lines };
      api.stopTiming(id).catch(() => {});
      return null;
    } finally {
      $("#timing").close();
    }
  }

  #show({ state, stage, progress }, passed_ms) {
    const isRunning = state === "running" && stage;
    setText(
      $("#timing-state"),
      isRunning
        ? `${stageText(stage, "align")} …`
        : passed_ms < QUEUED_MS
          ? t("Waiting for the server …")
          : t("Waiting until another song is ready …"),
    );
    if (isRunning && progress !== null) $("#timing progress").value = progress;
    else $("#timing progress").removeAttribute("value");
  }
}
