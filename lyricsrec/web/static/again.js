// The dialog that processes a song again: with lyrics, or with another preset. The song is not uploaded again.

import * as api from "./api.js";
import { $, h, setText } from "./dom.js";
import { fromServer, t } from "./i18n.js";
import { songName } from "./jobs.js";
import { SheetPreview } from "./sheet_preview.js";

export class Again {
  #presets = [];
  #job = null;
  #onJob;
  #preview;

  /** `onJob(job)` gets the new job. */
  constructor(onJob) {
    this.#onJob = onJob;
    $("#again form").addEventListener("change", () => this.#draw());
    $("#again form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#preview = new SheetPreview($("#again-lyrics"));
    $("#again-lyrics").after(this.#preview.element);
    $("#again-cancel").addEventListener("click", () => $("#again").close());
  }

  offer(presets) {
    this.#presets = presets.filter(({ available }) => available);
    $("#again-preset").replaceChildren(
      ...this.#presets.map(({ name, label }) => h("option", { value: name, text: label ? `${fromServer(label)} (${name})` : name })),
    );
  }

  /** Whether a preset of many languages can be used here. */
  get knowsManyLanguages() {
    return this.#presets.some(({ languages }) => languages === null);
  }

  /** Ask how to process a job; `kind` and `lyrics` are what is suggested. */
  ask(job, kind = job.kind, lyrics = "") {
    this.#job = job;
    setText($("#again-title"), t("Process “{name}” again", { name: songName(job) }));
    $(`#again [value=${kind}]`).checked = true;
    const other = job.warning
      ? this.#presets.find(({ languages }) => languages === null)
      : this.#presets.find(({ name }) => name === job.preset);
    if (other) $("#again-preset").value = other.name;
    $("#again-lyrics").value = lyrics;
    setText($("#again-problem"), "");
    this.#draw();
    $("#again").showModal();
    this.#preview.update();
    if (kind === "align") $("#again-lyrics").focus();
  }

  get #kind() {
    return new FormData($("#again form")).get("again-kind");
  }

  #draw() {
    $("#again-lyrics").hidden = this.#kind !== "align";
    this.#preview.isOff = this.#kind !== "align";
    $("#again-preset-field").hidden = this.#kind === "align";
    $("#again-lyrics").placeholder =
      this.#job?.kind === "align"
        ? t("Leave empty to use the same lyrics again.")
        : t("Paste the lyrics here, one line for each sung line.");
    setText($("#again-note"), this.#job?.has_lyrics ? t("The lyrics that you have now, and your corrections, stay in the list.") : "");
  }

  async #start() {
    const job = this.#job;
    const lyrics = $("#again-lyrics").value;
    const wanted =
      this.#kind === "align"
        ? { kind: "align", ...(lyrics.trim() && { lyrics }) }
        : { kind: "transcribe", preset: $("#again-preset").value, language: job.warning ? "" : (job.language ?? "") };
    $("#again-start").disabled = true;
    try {
      this.#onJob(await api.again(job.id, wanted));
      $("#again").close();
    } catch (error) {
      setText($("#again-problem"), api.explain(error));
    } finally {
      $("#again-start").disabled = false;
    }
  }
}
