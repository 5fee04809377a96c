// What the server will leave out of pasted lyrics, struck through, each with a button to keep it.

import * as api from "./api.js";
import { announce, h } from "./dom.js";
import { fromServer, t, tn } from "./i18n.js";

const DELAY_MS = 400;
/** Where the server begins another row. */
const ROWS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;

export class SheetPreview {
  element = h("details", { class: "sheet-preview", hidden: true });
  #box;
  #timer = 0;
  #asked = null;

  /** The preview of a text field, shown below it: `element` is to be put there. A row that is kept is changed in the field. */
  constructor(box) {
    this.#box = box;
    box.addEventListener("input", () => this.update());
  }

  /** Hide it, for lyrics that are not asked for. */
  set isOff(isOff) {
    this.element.classList.toggle("off", isOff);
  }

  /** Ask the server again in a moment, if the text has changed. */
  update() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), DELAY_MS);
  }

  async #ask() {
    const text = this.#box.value;
    if (text === this.#asked || !this.#box.isConnected) return;
    this.#asked = text;
    const found = text.trim() ? await api.previewLyrics(text).catch(() => null) : null;
    if (text === this.#asked) this.#show(found);
  }

  #show(found) {
    const rows = found?.rows ?? [];
    const left = rows.filter((row) => row.left_out.length).length;
    const isNeeded = Boolean(left || found?.notes.length || rows.some((row) => row.is_kept));
    const wasHidden = this.element.hidden;
    this.element.hidden = !isNeeded;
    if (!isNeeded) return;
    if (wasHidden) this.element.open = true;
    const summary = [
      tn(found.sung.length, "{n} line will be timed", "{n} lines will be timed"),
      left && tn(left, "something is left out of {n} row", "something is left out of {n} rows"),
    ];
    this.element.replaceChildren(
      h("summary", { text: summary.filter(Boolean).join(", ") }),
      ...found.notes.map((text) => h("p", { class: "quiet", text })),
      h("ol", { "aria-label": t("Lyrics as they will be timed") }, ...rows.map((row, i) => this.#row(row, i))),
    );
    if (wasHidden) announce(summary.filter(Boolean).join(", "));
  }

  #row(row, i) {
    const isLeft = row.left_out.length > 0;
    const why = row.left_out.map(({ reason }) => fromServer(reason)).join(", ");
    const change = (to) => () => {
      this.#box.value = this.#box.value.split(ROWS).toSpliced(i, 1, to).join("\n");
      this.#box.dispatchEvent(new Event("input"));
      clearTimeout(this.#timer);
      this.#ask().then(() => this.element.querySelectorAll("li")[i]?.querySelector("button")?.focus());
    };
    return h(
      "li",
      { dir: "auto" },
      h("span", {}, ...parts(row)),
      isLeft && h("small", { class: "quiet", text: why }),
      isLeft &&
        h("button", {
          type: "button",
          class: "small",
          text: t("Keep"),
          "aria-label": t("Keep “{text}”", { text: row.text }),
          onclick: change(row.kept),
        }),
      row.is_kept &&
        !isLeft &&
        h("button", {
          type: "button",
          class: "small",
          text: t("Leave out"),
          "aria-label": t("Leave out “{text}”", { text: row.text }),
          onclick: change(row.text),
        }),
    );
  }
}

/** A row in pieces: what is left out of it is struck through. */
function parts({ text, left_out: left }) {
  const found = [];
  let at = 0;
  for (const { text: gone } of left) {
    const from = text.indexOf(gone, at);
    if (from < 0) continue;
    found.push(text.slice(at, from), h("s", { text: gone }));
    at = from + gone.length;
  }
  return [...found, text.slice(at)];
}
