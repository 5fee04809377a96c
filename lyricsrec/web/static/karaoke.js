// The dialog that makes karaoke files on the server: what, how it looks, with a picture of it, and what was made.

import * as api from "./api.js";
import { $, bar, h, setBar, setText } from "./dom.js";
import { t } from "./i18n.js";
import { isOver } from "./jobs.js";
import { KINDS, lookOf, needsVoice, previewOf, STYLES, sizeText, stateOf, VIDEOS } from "./karaoke_look.js";

const SOON_MS = 250;
const COLOURS = ["background", "unsung", "sung"];

const field = (label, ...parts) => h("label", { class: "karaoke-field" }, h("span", { text: label }), ...parts);
const options = (pairs) => pairs.map(([value, text]) => h("option", { value, text }));

export class Karaoke {
  #job = null;
  #at;
  #prepare;
  #options = null;
  #parts;
  #timer = 0;
  #shown = "";
  #entry;
  #drawn = "";

  /** `at()` is the time in the song to show; `prepare()` saves corrections, and resolves to false if it could not;
   * `onOpen()` closes the menu of downloads, which has the button for this. */
  constructor({ at, prepare, onOpen }) {
    this.#entry = h(
      "li",
      {},
      makeEntry(() => {
        onOpen();
        this.open();
      }),
    );
    this.#at = at;
    this.#prepare = prepare;
    this.#parts = makeDialog();
    const { dialog, form, style, picture, close } = this.#parts;
    document.body.append(dialog);
    close.addEventListener("click", () => dialog.close());
    style.addEventListener("change", () => this.#useStyle());
    form.addEventListener("input", () => this.#changed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make();
    });
    picture.addEventListener("error", () => this.#explainPicture());
    picture.addEventListener("load", () => setText(this.#parts.problem, ""));
  }

  /** Show what a job has; called with every change of it. */
  update(job) {
    this.#job = job;
    if ($("#downloads").firstElementChild !== this.#entry) $("#downloads").prepend(this.#entry);
    if (this.#parts.dialog.open) this.#draw();
  }

  close() {
    this.#parts.dialog.close();
    this.#shown = "";
  }

  async open() {
    const { dialog, font, problem } = this.#parts;
    setText(problem, "");
    dialog.showModal();
    this.#draw();
    try {
      if (!(await this.#prepare())) return dialog.close();
      if (!this.#options) {
        this.#options = await api.karaokeOptions();
        font.append(...options(this.#options.fonts.map((name) => [name, name])));
        this.#useStyle();
      }
      this.#shown = "";
      this.#changed();
    } catch (error) {
      setText(problem, api.explain(error));
    }
  }

  get #style() {
    return this.#options?.styles.find(({ name }) => name === this.#parts.style.value);
  }

  /** Set everything else to what the style has. */
  #useStyle() {
    const style = this.#style;
    if (!style) return;
    for (const name of COLOURS) this.#parts[name].value = style[name];
    this.#parts.lines.value = String(style.lines);
    this.#changed();
  }

  get #look() {
    const { style, font, lines } = this.#parts;
    const chosen = Object.fromEntries(COLOURS.map((name) => [name, this.#parts[name].value]));
    return lookOf(this.#style ?? {}, { ...chosen, style: style.value, font: font.value, lines: Number(lines.value) });
  }

  #changed() {
    const { kind, size, backing, share } = this.#parts;
    size.parentElement.hidden = !VIDEOS.has(kind.value);
    backing.parentElement.hidden = !needsVoice(kind.value);
    setText(share, `${backing.value} %`);
    this.#draw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#drawPicture(), SOON_MS);
  }

  #drawPicture() {
    if (!this.#job || !this.#options) return;
    const address = previewOf(this.#job, this.#look, this.#at());
    if (address === this.#shown) return;
    this.#shown = address;
    this.#parts.picture.src = address;
  }

  async #explainPicture() {
    try {
      await api.prepare(this.#shown);
    } catch (error) {
      setText(this.#parts.problem, api.explain(error));
    }
  }

  #draw() {
    const job = this.#job;
    if (!job) return;
    const { kind, note, make, made } = this.#parts;
    const separates = needsVoice(kind.value) && !job.tracks?.includes("instrumental") && !job.stems_note;
    setText(note, separates ? t("The voice is removed first, which takes about a tenth of the length of the song.") : "");
    make.disabled = (job.karaoke ?? []).some((file) => file.kind === kind.value && file.state === "wanted");
    const files = job.karaoke ?? [];
    // A button that is replaced while it is pressed would not be clicked.
    const drawn = JSON.stringify([files, job.state, job.revision]);
    if (drawn !== this.#drawn) made.replaceChildren(...files.map((file) => this.#row(job, file)));
    this.#drawn = drawn;
    const progress = $(".bar", made);
    if (progress) setBar(progress, job.progress);
  }

  #row(job, file) {
    const row = h("li", { "data-kind": file.kind }, h("b", { text: KINDS[file.kind] }), " ", h("span", { text: stateOf(job, file) }));
    if (file.state === "done") {
      const text = t("Download ({size})", { size: sizeText(file.size_bytes) });
      row.append(" ", h("a", { href: api.karaokeOf(job.id, file.kind), download: true, text }));
    }
    const isFirst = job.karaoke.find(({ state }) => state === "wanted") === file;
    if (!isFirst || isOver(job)) return row;
    const cancel = () => this.#send(() => api.cancel(job.id));
    row.append(" ", h("button", { type: "button", class: "plain", text: t("Cancel"), onclick: cancel }));
    if (job.state === "running") row.append(bar(KINDS[file.kind]));
    return row;
  }

  #make() {
    const { kind, size, backing } = this.#parts;
    const wanted = { ...this.#look, ...(VIDEOS.has(kind.value) && { size: size.value }) };
    if (needsVoice(kind.value)) wanted.backing = backing.valueAsNumber / 100;
    return this.#send(() => api.makeKaraoke(this.#job.id, kind.value, wanted));
  }

  async #send(request) {
    setText(this.#parts.problem, "");
    try {
      this.update(await request());
    } catch (error) {
      setText(this.#parts.problem, api.explain(error));
    }
  }
}

const makeEntry = (onclick) =>
  h(
    "button",
    { type: "button", id: "karaoke-button", onclick },
    h("b", { text: t("Karaoke …") }),
    " ",
    h("span", { class: "quiet", text: t("video, CD+G, UltraStar, everything") }),
  );

function makeDialog() {
  const colour = () => h("input", { type: "color" });
  const parts = {
    kind: h("select", { id: "karaoke-kind" }, ...options(Object.entries(KINDS))),
    size: h("select", {}, ...options(["720p", "1080p"].map((size) => [size, size]))),
    style: h("select", { id: "karaoke-style" }, ...options(Object.entries(STYLES))),
    font: h("select", {}, ...options([["", t("of the style")]])),
    lines: h("select", {}, ...options(["2", "3", "4"].map((n) => [n, n]))),
    background: colour(),
    unsung: colour(),
    sung: colour(),
    backing: h("input", { type: "range", min: 0, max: 100, step: 5, value: 0 }),
    share: h("output", { text: "0 %" }),
    picture: h("img", { class: "karaoke-picture", width: 640, height: 360, alt: t("How the words look") }),
    problem: h("p", { class: "problem", role: "alert" }),
    note: h("p", { class: "quiet" }),
    make: h("button", { type: "submit", class: "main", text: t("Make") }),
    close: h("button", { type: "button", text: t("Close") }),
    made: h("ul", { class: "karaoke-made", "aria-label": t("Karaoke files") }),
  };
  parts.form = h(
    "form",
    { novalidate: true },
    parts.picture,
    h(
      "div",
      { class: "karaoke-fields" },
      field(t("File"), parts.kind),
      field(t("Size"), parts.size),
      field(t("Style"), parts.style),
      field(t("Font"), parts.font),
      field(t("Lines on screen"), parts.lines),
      field(t("Voice left in"), parts.backing, parts.share),
      field(t("Background"), parts.background),
      field(t("Words to sing"), parts.unsung),
      field(t("Sung words"), parts.sung),
    ),
    parts.note,
    parts.problem,
    h("p", { class: "actions" }, parts.make, " ", parts.close),
  );
  const title = h("h2", { id: "karaoke-title", text: t("Karaoke files") });
  parts.dialog = h("dialog", { id: "karaoke", "aria-labelledby": "karaoke-title" }, title, parts.form, parts.made);
  return parts;
}
