// Uploads of songs, one after the other.

import * as api from "./api.js";
import { $, bar, h, setBar, setText } from "./dom.js";
import { t } from "./i18n.js";
import { stem } from "./jobs.js";

export class Uploads {
  #waiting = [];
  #isBusy = false;
  #list;
  #onJob;

  constructor(list, onJob) {
    this.#list = list;
    this.#onJob = onJob;
    addEventListener("beforeunload", (event) => {
      if (this.#isBusy) event.preventDefault();
    });
  }

  add(fields) {
    const name = stem(fields.file.name);
    const upload = {
      fields,
      stop: new AbortController(),
      state: h("span", { class: "state", text: t("Waiting to upload") }),
      problem: h("p", { class: "problem", role: "alert" }),
      bar: bar(t("Upload of {name}", { name })),
      actions: h("div", { class: "job-actions" }),
    };
    upload.row = h(
      "li",
      { class: "job" },
      h("span", { class: "job-name", dir: "auto", text: name }),
      h("p", { class: "job-state" }, upload.state),
      upload.bar,
      upload.problem,
      upload.actions,
    );
    this.#setActions(upload, [t("Cancel"), () => this.#drop(upload)]);
    this.#list.append(upload.row);
    this.#waiting.push(upload);
    this.#next();
  }

  #setActions(upload, ...actions) {
    const name = stem(upload.fields.file.name);
    const hasFocus = upload.actions.contains(document.activeElement);
    upload.actions.replaceChildren(
      ...actions.map(([text, onclick]) => h("button", { type: "button", class: "plain", text, "aria-label": `${text}: ${name}`, onclick })),
    );
    if (hasFocus) upload.actions.firstElementChild.focus();
  }

  #drop(upload) {
    upload.stop.abort();
    this.#waiting = this.#waiting.filter((other) => other !== upload);
    const hasFocus = upload.row.contains(document.activeElement);
    upload.row.remove();
    if (hasFocus) $("#files").focus({ preventScroll: true });
  }

  async #next() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#waiting.length) await this.#send(this.#waiting.shift());
    this.#isBusy = false;
  }

  async #send(upload) {
    setText(upload.problem, "");
    setText(upload.state, t("Uploading"));
    upload.bar.hidden = false;
    try {
      const job = await api.upload(
        upload.fields,
        (part) => {
          setBar(upload.bar, part);
          setText(upload.state, part < 1 ? t("Uploading, {percent} %", { percent: Math.round(part * 100) }) : t("Checking the file"));
        },
        upload.stop.signal,
      );
      upload.row.remove();
      this.#onJob(job);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 429) await this.#waitFor(upload, error.retryAfter ?? 10);
      else this.#fail(upload, error);
    }
  }

  /** The server's queue is full: retry after the time that it gives. */
  async #waitFor(upload, seconds) {
    setText(upload.state, t("The server's queue is full. Retrying in {seconds} s", { seconds }));
    upload.bar.hidden = true;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    if (!upload.stop.signal.aborted) this.#waiting.unshift(upload);
  }

  #fail(upload, error) {
    setText(upload.state, error.status >= 400 && error.status < 500 ? t("Refused by the server") : t("Upload failed"));
    setText(upload.problem, api.explain(error));
    upload.bar.hidden = true;
    const retry = () => {
      this.#setActions(upload, [t("Cancel"), () => this.#drop(upload)]);
      this.#waiting.push(upload);
      this.#next();
    };
    this.#setActions(upload, [t("Try again"), retry], [t("Remove"), () => this.#drop(upload)]);
  }
}
