// The dialog that shows the whole lyrics as text, to edit or to replace them.

import { $, setText, toast } from "./dom.js";
import { t, tn } from "./i18n.js";
import { rewrite, toText } from "./rewrite.js";
import { placed } from "./timing.js";

export class TextEditor {
  #on;

  /** `on.doc()`, `on.apply(transcript)`, `on.timeAgain(text)`. */
  constructor(on) {
    this.#on = on;
    $("#text form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#apply();
    });
    $("#text-cancel").addEventListener("click", () => $("#text").close());
    $("#text-again").addEventListener("click", () => {
      $("#text").close();
      on.timeAgain($("#text-lyrics").value);
    });
  }

  open() {
    $("#text-lyrics").value = toText(this.#on.doc());
    setText($("#text-problem"), "");
    $("#text").showModal();
    $("#text-lyrics").focus();
    $("#text-lyrics").setSelectionRange(0, 0);
    $("#text-lyrics").scrollTop = 0;
  }

  #apply() {
    const text = $("#text-lyrics").value;
    if (!text.trim()) return setText($("#text-problem"), t("The lyrics are empty."));
    const doc = rewrite(this.#on.doc(), text);
    $("#text").close();
    this.#on.apply(doc);
    const missing = doc.lines.flatMap((line) => line.words).filter((word) => !placed(word)).length;
    if (missing)
      toast(
        tn(
          missing,
          "{n} new word has no time yet: tap it, place its line, or “Time again”.",
          "{n} new words have no time yet: tap them, place their lines, or “Time again”.",
        ),
      );
  }
}
