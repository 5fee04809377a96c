// The list of songs. Rows are updated in place, so that they keep the focus and progress bars move smoothly.

import * as api from "./api.js";
import { $, arrange, bar, h, setBar, setText, toast } from "./dom.js";
import { t } from "./i18n.js";
import { addedText, expiryText, facts, inOrder, isOver, languageOf, songName, stateText, summary } from "./jobs.js";
import { finish, follow, overallText } from "./overall.js";
import { confirmDelete } from "./waiting.js";

/** Number of songs from which on the list can be searched and sorted. */
const SEARCH_FROM = 4;

export class Queue {
  #rows = new Map();
  #onDelete;
  #onAgain;

  constructor({ onDelete, onAgain }) {
    this.#onDelete = onDelete;
    this.#onAgain = onAgain;
    $("#find").addEventListener("input", () => this.#filter());
    $("#sort").addEventListener("change", () => this.show([...this.#rows.values()].map(({ job }) => job)));
  }

  show(jobs) {
    const ordered = inOrder(jobs, $("#sort").value);
    const ids = new Set(ordered.map((job) => job.id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    arrange(
      $("#jobs"),
      ordered.map((job) => this.#row(job)),
    );
    setText($("#queue-summary"), ordered.length ? summary(ordered) : "");
    $("#find-field").hidden = ordered.length < SEARCH_FROM;
    this.#filter();
    $("#queue-empty").hidden = ordered.length > 0;
    $("#queue-loading").hidden = true;
  }

  /** Show only the songs whose names contain all search terms. */
  #filter() {
    const terms = $("#find-field").hidden ? [] : $("#find").value.toLowerCase().split(/\s+/u);
    for (const { element, job } of this.#rows.values())
      element.hidden = !terms.every((term) =>
        `${songName(job)} ${job.name} ${languageOf(job)} ${addedText(job)}`.toLowerCase().includes(term),
      );
    setText(
      $("#find-none"),
      [...this.#rows.values()].every(({ element }) => element.hidden) && this.#rows.size ? t("No matching songs.") : "",
    );
  }

  fail(error) {
    setText($("#queue-loading"), api.explain(error));
  }

  #row(job) {
    const known = this.#rows.get(job.id);
    const row = known && songName(known.job) === songName(job) ? known : this.#make(job);
    this.#rows.set(job.id, row);
    row.job = job;
    row.element.dataset.state = job.state;
    const isWorking = job.state === "running" && !job.has_lyrics;
    const overall = isWorking ? follow(job) : null;
    setText(row.state, overall ? `${stateText(job)}, ${overallText(overall)}` : stateText(job));
    if (job.has_lyrics) finish(job);
    setText(row.more, [facts(job), addedText(job), expiryText(job)].filter(Boolean).join(" · "));
    setText(row.problem, job.state === "failed" ? (job.error ?? "") : job.has_lyrics ? (job.warning ?? "") : "");
    row.progress.hidden = job.state !== "running";
    if (!row.progress.hidden) setBar(row.progress, overall?.part ?? job.progress);
    const hasFocus = document.activeElement === row.cancel;
    row.cancel.hidden = isOver(job);
    row.remove.hidden = !isOver(job);
    row.retry.hidden = !isOver(job) || job.has_lyrics;
    if (hasFocus && row.cancel.hidden) row.remove.focus();
    return row.element;
  }

  #make(job) {
    const name = songName(job);
    const [state, problem, more] = [h("span", { class: "state" }), h("p", { class: "problem" }), h("span", { class: "quiet" })];
    const cancel = h("button", { type: "button", class: "plain", text: t("Cancel"), "aria-label": t("Cancel {name}", { name }) });
    const remove = h("button", { type: "button", class: "plain", text: t("Delete"), "aria-label": t("Delete {name}", { name }) });
    const retry = h("button", { type: "button", class: "plain", text: t("Try again"), "aria-label": t("Try again: {name}", { name }) });
    const progress = bar(t("Progress of {name}", { name }));
    const element = h(
      "li",
      { class: "job" },
      h("a", { class: "job-name", href: `#job=${encodeURIComponent(job.id)}`, dir: "auto", text: name }),
      h("p", { class: "job-state" }, state, " ", more),
      progress,
      problem,
      h("div", { class: "job-actions" }, cancel, retry, remove),
    );
    const row = { job, element, state, more, problem, progress, cancel, retry, remove };
    cancel.addEventListener("click", () => api.cancel(job.id).catch((error) => toast(error.message)));
    retry.addEventListener("click", () => this.#onAgain(row.job));
    remove.addEventListener("click", () => confirmDelete(row.job, (id) => this.#delete(id, element)));
    return row;
  }

  /** The focus moves from a deleted song to its neighbour. */
  #delete(id, element) {
    const neighbour = element.nextElementSibling ?? element.previousElementSibling;
    this.#onDelete(id);
    (neighbour ? $("a", neighbour) : $("#files")).focus();
  }
}
