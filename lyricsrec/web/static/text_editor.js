// The dialog that shows the whole lyrics as text, to edit or to replace them.

import { $, setText, toast } from "./dom.js";
import { t, tn } from "./i18n.js";
import { untimed } from "./retiming.js";
import { rewrite, toText } from "./rewrite.js";
import { placed } from "./timing.js";

export class TextEditor {
  #on;

  /** `on.doc()`, `on.apply(transcript)`; `on.time(transcript)` times its words without times, and resolves to why it could not, or null. */
  constructor(on) {
    this.#on = on;
    $("#text form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#apply();
    });
    $("#text-cancel").addEventListener("click", () => $("#text").close());
    $("#text-again").addEventListener("click", () => this.#time());
  }

  open() {
    $("#text-lyrics").value = toText(this.#on.doc());
    setText($("#text-problem"), "");
    $("#text").showModal();
    $("#text-lyrics").focus();
    $("#text-lyrics").setSelectionRange(0, 0);
    $("#text-lyrics").scrollTop = 0;
  }

  /** The transcript with the text of the dialog; null, with a message, if there is none. */
  #rewritten(sharesTime) {
    const text = $("#text-lyrics").value;
    setText($("#text-problem"), text.trim() ? "" : t("The lyrics are empty."));
    return text.trim() ? rewrite(this.#on.doc(), text, { sharesTime }) : null;
  }

  /** Let the server time what has changed; the text stays if that fails. */
  async #time() {
    const doc = this.#rewritten(false);
    if (!doc) return;
    if (!untimed(doc)) return setText($("#text-problem"), t("Nothing has changed, and every word has a time."));
    $("#text").close();
    const why = await this.#on.time(doc);
    if (why === null) return;
    setText($("#text-problem"), why);
    $("#text").showModal();
  }

  #apply() {
    const doc = this.#rewritten(true);
    if (!doc) return;
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
