// The correction panel: turns buttons, keys and drags into edits.

import { explain } from "./api.js";
import { beside, COMMANDS, NUDGES, WORD_KEYS } from "./commands.js";
import { resolveConflict } from "./conflict.js";
import { confirmed } from "./dialogs.js";
import { $, announce, setText, toast } from "./dom.js";
import { insertLine, insertTimed, insertWord, moveWord, nudge, setEnd, setStart, setText as setWord, shift } from "./edits.js";
import { t } from "./i18n.js";
import { LINE_COMMANDS, LineTools } from "./line_tools.js";
import { firstUntimed, Retiming, withoutTimes } from "./retiming.js";
import { TextEditor } from "./text_editor.js";
import { timeRow } from "./time_rows.js";
import { placed } from "./timing.js";
import { editInPlace } from "./word_field.js";
import { showState, showWord } from "./word_panel.js";

/** Stands for a word until it is typed. */
const PLACEHOLDER = "…";

export class Editor {
  #lyrics;
  #now;
  #onChange;
  #status = "";
  #lineTools;
  #text;
  #retiming = new Retiming();
  corrections = null;
  #isOpen = false;

  /** `now()` returns the playhead in seconds; `onChange()` is called when the view must be redrawn. */
  constructor({ lyrics, now, onChange }) {
    this.#lyrics = lyrics;
    this.#now = now;
    this.#onChange = onChange;
    $("#times").append(...["start", "end"].map((edge) => timeRow(edge, (seconds) => this.#nudge(edge, seconds))));
    $("#editor").addEventListener("click", (event) => {
      const name = event.target.closest("[data-command]")?.dataset.command;
      if (name) this.run(name);
    });
    $("#lyrics").addEventListener("dblclick", () => this.isOpen && this.run("edit"));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.corrections?.keepDraft();
    });
    this.#lineTools = new LineTools({
      doc: () => this.corrections.doc,
      range: () => this.#lyrics.range,
      apply: (made) => this.#apply(...made),
    });
    this.#text = new TextEditor({
      doc: () => this.corrections.doc,
      apply: (doc) => this.#apply(doc, doc.lines.length ? { line: 0, word: 0 } : null),
      time: (doc) => this.#time(doc),
    });
    $("#shift").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#shift();
    });
  }

  get isOpen() {
    return this.#isOpen;
  }

  set isOpen(isOn) {
    this.#isOpen = isOn;
    $("#song").classList.toggle("editing", isOn);
    $("#editor").hidden = !isOn;
    $("#editor").scrollTop = 0;
    $("#edit-button").setAttribute("aria-pressed", String(isOn));
    setText($("#edit-button"), isOn ? t("Done") : t("Correct"));
  }

  get at() {
    const at = this.#lyrics.at;
    return at && this.corrections.doc.lines[at.line]?.words[at.word] ? at : null;
  }

  /** Run a command by its name. */
  run(name) {
    const { corrections, at } = this;
    if (name === "save") return void this.save();
    if (name === "revert") return void this.#revert();
    if (name === "undo" || name === "redo") return this.#travel(name);
    if (name === "addline") return this.#addLine(corrections.doc.lines.length);
    if (name === "text") return this.#text.open();
    if (name === "replace") return this.#lineTools.focus();
    if (!at) return;
    if (LINE_COMMANDS[name]) this.#apply(...LINE_COMMANDS[name](corrections.doc, this.#lyrics.range));
    else if (name === "retime") this.#timeLines();
    else if (name === "edit" || name === "split") this.editText(at, { isSplit: name === "split" });
    else if (name === "insert") this.#insert(at);
    else if (name === "line") this.#addLine(at.line + 1);
    else this.#apply(...COMMANDS[name](corrections.doc, at, this.#now()));
  }

  /** Handle a key on the selected word; true if it is a shortcut. */
  key(event, letterShortcuts) {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey || event.altKey || (name.length === 1 && !letterShortcuts)) return false;
    if (NUDGES[name]) {
      const [edge, seconds] = NUDGES[name];
      this.#nudge(edge, seconds * (event.shiftKey ? 10 : 1));
    } else if (name === "Delete" && event.shiftKey) this.run("deleteline");
    else if (WORD_KEYS[name] && !event.shiftKey) this.run(WORD_KEYS[name]);
    else return false;
    return true;
  }

  async #timeLines() {
    const why = await this.#time(withoutTimes(this.corrections.doc, this.#lyrics.range));
    if (why) toast(why);
  }

  /** Let the server time the words that have no times, as one step. Resolves to null, or to why not: empty if that was cancelled. */
  async #time(doc) {
    const { corrections } = this;
    try {
      const timed = await this.#retiming.run(corrections, doc);
      if (timed && corrections === this.corrections) this.#apply(timed, firstUntimed(doc));
      return timed ? null : "";
    } catch (error) {
      return explain(error);
    }
  }

  #apply(doc, at, key = null) {
    this.corrections.apply(doc, at, key);
    this.#status = "";
    this.#show(at);
  }

  #show(at, isFocused = this.#hasFocus()) {
    this.#onChange();
    this.#lyrics.select(at, { focus: isFocused });
    this.draw();
  }

  #hasFocus() {
    return Boolean(document.activeElement?.closest("#lyrics"));
  }

  #nudge(edge, seconds) {
    const at = this.at;
    if (!at) return;
    if (!placed(this.corrections.doc.lines[at.line].words[at.word]))
      return toast(t("This word has no time yet. Set it to the playhead first."));
    this.#apply(nudge(this.corrections.doc, at, edge, seconds), at, `${edge} ${at.line} ${at.word}`);
  }

  #travel(way) {
    const { corrections } = this;
    if (way === "undo" ? !corrections.canUndo : !corrections.canRedo) return;
    const at = corrections[way]();
    const line = at && Math.min(at.line, corrections.doc.lines.length - 1);
    const isThere = at && line >= 0;
    this.#status = "";
    this.#show(isThere ? { line, word: Math.min(at.word, corrections.doc.lines[line].words.length - 1) } : this.#lyrics.at);
    announce(way === "undo" ? t("Undone") : t("Redone"));
  }

  /** Edit the text of a word in place. One that `isNew` is taken away again if it gets no text; `key` joins the steps. */
  editText(at, { isSplit = false, isNew = false, key = null } = {}) {
    const button = this.#lyrics.button(at);
    if (!button) return;
    this.#lyrics.select(at);
    this.draw();
    if (isSplit) toast(t("Type a space where you want to split the word, then press Enter."));
    editInPlace(
      button,
      (text, way) => {
        const before = this.corrections.doc;
        if (isNew && !text?.trim()) return this.#takeAway();
        if (text !== null) this.#apply(...setWord(before, at, text), key);
        this.#goOn(beside(before, this.corrections.doc, at, way), way);
      },
      { caret: isSplit ? Math.ceil(button.textContent.length / 2) : null, isNew },
    );
  }

  /** After a word was edited: go on with the next one, or select the word that is there now. */
  #goOn(to, way) {
    if (!to) return;
    if (way === "leave") return this.#lyrics.select(to);
    this.#lyrics.select(to, { focus: true });
    if (way !== "stay") this.editText(to);
  }

  /** Undo an insertion for good. */
  #takeAway() {
    const at = this.corrections.takeBack();
    this.#show(at && this.corrections.doc.lines[at.line]?.words[at.word] ? at : this.at, true);
  }

  #insert(at) {
    this.#begin(insertWord(this.corrections.doc, at, PLACEHOLDER), at);
  }

  #addLine(line) {
    this.#begin(insertLine(this.corrections.doc, line, PLACEHOLDER), this.at);
  }

  /** Insert words that are yet to be typed; `from` is the word to return to. */
  #begin([doc, at], from) {
    const key = `insert ${performance.now()}`;
    this.corrections.mark(from);
    this.#apply(doc, at, key);
    this.editText(at, { isNew: true, key });
  }

  /** Give a place of the song the text that was left out there, or ask for it. */
  fill({ line, from_s, to_s, text }) {
    if (!text) return this.#begin(insertTimed(this.corrections.doc, line, PLACEHOLDER, { from_s, to_s }), this.at);
    this.#apply(...insertTimed(this.corrections.doc, line, text, { from_s, to_s }));
    announce(t("Taken back"));
  }

  #shift() {
    const { corrections, at } = this;
    const [what, seconds] = [$("#shift-what").value, $("#shift-by").valueAsNumber / 1000];
    if (!seconds || (what !== "all" && !at)) return;
    const range = this.#lyrics.range;
    const [first, last] = { all: [0], line: [range?.first, range?.last + 1], rest: [at?.line] }[what];
    this.#apply(shift(corrections.doc, seconds, first, last), at);
    announce(t("Shifted by {n} milliseconds", { n: $("#shift-by").value }));
  }

  /** A part of a word is dragged to `seconds` in the waveform. */
  drag(at, part, seconds) {
    const move = { start: setStart, end: setEnd, whole: moveWord }[part];
    this.corrections.preview(move(this.corrections.base, at, seconds));
    this.#onChange();
    this.draw();
  }

  drop(at) {
    this.corrections.commitPreview(at);
    this.#status = "";
    this.#show(at, false);
  }

  /** Save; on a conflict with another window, ask. True if everything is saved. */
  async save() {
    if (!this.corrections.isDirty) return true;
    this.#status = t("Saving …");
    this.draw();
    try {
      const isSaved = (await this.corrections.save()) || (await this.#resolveConflict());
      this.#status = isSaved ? t("Saved") : "";
      return isSaved;
    } catch (error) {
      this.#status = t("Not saved. {why}", { why: error.message });
      return false;
    } finally {
      this.draw();
    }
  }

  async #resolveConflict() {
    const { answer, isSaved } = await resolveConflict(this.corrections);
    if (answer === "reload") this.#show(this.#lyrics.at, false);
    return isSaved;
  }

  /** Show what was saved elsewhere, unless unsaved corrections would be lost. */
  async catchUp(revision) {
    const { corrections } = this;
    if (!(await corrections.catchUp(revision)) || corrections !== this.corrections) return;
    this.#status = "";
    this.#show(this.at, false);
    toast(t("These lyrics were changed elsewhere. The new version is shown."));
  }

  async #revert() {
    const text = t("All corrections of this song will be deleted, including saved ones. This cannot be undone.");
    if (!(await confirmed(t("Discard all corrections?"), text, t("Discard")))) return;
    try {
      await this.corrections.revert();
      this.#status = "";
      this.#show({ line: 0, word: 0 }, false);
      toast(t("The original lyrics are restored."));
    } catch (error) {
      toast(error.message);
    }
  }

  /** Update the panel. */
  draw() {
    const { corrections, at } = this;
    if (!corrections) return;
    showState(corrections, this.#status);
    $("#word-panel").hidden = !at;
    $("#word-hint").hidden = Boolean(at);
    if (at) showWord(corrections.doc, at);
  }
}
