// The tools for whole lines in the correction panel: buttons, case, find and replace.

import { $, announce, setText } from "./dom.js";
import { t, tn } from "./i18n.js";
import { deleteLines, duplicateLines, find, moveLines, recase, replaceAll } from "./line_edits.js";

/** Each takes (transcript, {first, last}) and returns [transcript, the word to select next]. */
export const LINE_COMMANDS = {
  deleteline: deleteLines,
  duplicate: duplicateLines,
  up: (doc, range) => moveLines(doc, range, -1),
  down: (doc, range) => moveLines(doc, range, 1),
};

export class LineTools {
  #on;

  /** `on.doc()`, `on.range()`, `on.apply([transcript, word])`. */
  constructor(on) {
    this.#on = on;
    $("#case").addEventListener("change", ({ target }) => {
      if (target.value && on.range()) on.apply(recase(on.doc(), on.range(), target.value));
      target.value = "";
    });
    $("#replace").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#replace();
    });
    $("#replace-what").addEventListener("input", () => this.#count());
  }

  focus() {
    $("#replace-what").focus();
    $("#replace-what").select();
  }

  #count() {
    const what = $("#replace-what").value;
    setText($("#replace-found"), what.trim() ? tn(find(this.#on.doc(), what).length, "{n} place", "{n} places") : "");
  }

  #replace() {
    const what = $("#replace-what").value;
    const found = find(this.#on.doc(), what);
    if (found.length) this.#on.apply(replaceAll(this.#on.doc(), what, $("#replace-by").value));
    const text = found.length ? tn(found.length, "{n} place replaced", "{n} places replaced") : t("Not found");
    setText($("#replace-found"), text);
    announce(text);
  }
}
