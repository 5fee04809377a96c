// The menu of downloads: the lyrics in all formats, and the tracks.

import * as api from "./api.js";
import { $, h } from "./dom.js";
import { fromServer, t } from "./i18n.js";
import { TRACKS, tracksOf } from "./jobs.js";

const item = (href, name, suffix, description) =>
  h(
    "li",
    {},
    h("a", { href, download: true, "data-format": name }, h("b", { text: suffix }), " ", h("span", { class: "quiet", text: description })),
  );

export class Downloads {
  #prepare;
  #formats = [];
  #shown = "";

  /** `prepare()` is called before a download; it resolves to false if there must be none. */
  constructor(prepare) {
    this.#prepare = prepare;
    $("#download-button").addEventListener("click", () => this.open($("#downloads").hidden));
    $("#downloads").addEventListener("click", (event) => this.#press(event));
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".menu")) this.open(false);
    });
  }

  get isOpen() {
    return !$("#downloads").hidden;
  }

  open(isOpen) {
    $("#downloads").hidden = !isOpen;
    $("#download-button").setAttribute("aria-expanded", String(isOpen));
  }

  /** Close the menu; the focus returns to its button. */
  close() {
    this.open(false);
    $("#download-button").focus();
  }

  /** Offer `formats` of the lyrics, and of what was found in the song. */
  show(job, formats) {
    [this.#formats, this.#shown] = [formats, job.formats?.join()];
    $("#downloads").replaceChildren(
      ...formats
        .filter(({ name }) => job.formats?.includes(name) ?? true)
        .map(({ name, suffix, description }) =>
          item(api.downloadOf(job.id, name), name, suffix, fromServer(description).replaceAll("`", "")),
        ),
    );
  }

  /** Offer the formats and tracks that the song has now. */
  update(job) {
    if (job.formats?.join() !== this.#shown) this.show(job, this.#formats);
    for (const link of $("#downloads").querySelectorAll("[data-track]")) link.parentElement.remove();
    $("#downloads").append(
      ...tracksOf(job).map((track) => {
        const made = item(
          api.trackDownloadOf(job.id, track),
          track,
          TRACKS[track],
          track === "vocals" ? t("download the vocals (.flac)") : t("download the instrumental (.flac)"),
        );
        made.firstChild.dataset.track = track;
        return made;
      }),
    );
  }

  async #press(event) {
    const link = event.target.closest("a");
    if (!link) return;
    this.open(false);
    const isReady = this.#prepare();
    if (isReady === true) return;
    event.preventDefault();
    if (await isReady) link.click();
  }
}
