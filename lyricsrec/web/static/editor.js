// The correction panel: turns buttons, keys and drags into edits.

import { clock, count } from "./clock.js";
import { beside, COMMANDS, NUDGES, WORD_KEYS } from "./commands.js";
import { ask, confirmed } from "./dialogs.js";
import { $, announce, h, setText, toast } from "./dom.js";
import { insertLine, insertTimed, insertWord, moveWord, nudge, setEnd, setStart, setText as setWord, shift } from "./edits.js";
import { LINE_COMMANDS, LineTools } from "./line_tools.js";
import { TextEditor } from "./text_editor.js";
import { isUnsure, placed, problem, problems, problemText, unsureBelow, unsurePlaces } from "./timing.js";
import { editInPlace } from "./word_field.js";

/** Stands for a word until it is typed. */
const PLACEHOLDER = "…";

export class Editor {
  #lyrics;
  #now;
  #onChange;
  #status = "";
  #lineTools;
  #text;
  corrections = null;
  isOpen = false;

  /** `now()` returns the playhead in seconds; `onChange()` is called when the view must be redrawn, `onTimeAgain(text)` when the server
   * is to time the lyrics. */
  constructor({ lyrics, now, onChange, onTimeAgain }) {
    this.#lyrics = lyrics;
    this.#now = now;
    this.#onChange = onChange;
    $("#times").append(...["start", "end"].map((edge) => this.#timeRow(edge)));
    $("#editor").addEventListener("click", (event) => {
      const name = event.target.closest("[data-command]")?.dataset.command;
      if (name) this.run(name);
    });
    this.#lineTools = new LineTools({
      doc: () => this.corrections.doc,
      range: () => this.#lyrics.range,
      apply: (made) => this.#apply(...made),
    });
    this.#text = new TextEditor({
      doc: () => this.corrections.doc,
      apply: (doc) => this.#apply(doc, doc.lines.length ? { line: 0, word: 0 } : null),
      timeAgain: onTimeAgain,
    });
    $("#shift").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#shift();
    });
  }

  get at() {
    const at = this.#lyrics.at;
    return at && this.corrections.doc.lines[at.line]?.words[at.word] ? at : null;
  }

  #timeRow(edge) {
    const name = edge === "start" ? "Start" : "End";
    const step = (ms) =>
      h("button", {
        type: "button",
        class: Math.abs(ms) > 10 ? "small far" : "small",
        text: `${ms > 0 ? "+" : "−"}${Math.abs(ms)}`,
        "aria-label": `${name} ${Math.abs(ms)} ms ${ms > 0 ? "later" : "earlier"}`,
        onclick: () => this.#nudge(edge, ms / 1000),
      });
    return h(
      "div",
      { class: "time-row", role: "group", "aria-label": name },
      h("span", { class: "quiet", text: name }),
      step(-100),
      step(-10),
      h("output", { id: `${edge}-time` }),
      step(10),
      step(100),
      h("button", {
        type: "button",
        class: "small",
        "data-command": `${edge}here`,
        text: "Now",
        "aria-label": `${name} now, at the playhead`,
        title: edge === "start" ? "," : ".",
      }),
    );
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
      return toast("This word has no time yet. Set it to the playhead first.");
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
    announce(way === "undo" ? "Undone" : "Redone");
  }

  /** Edit the text of a word in place. One that `isNew` is taken away again if it gets no text; `key` joins the steps. */
  editText(at, { isSplit = false, isNew = false, key = null } = {}) {
    const button = this.#lyrics.button(at);
    if (!button) return;
    this.#lyrics.select(at);
    this.draw();
    if (isSplit) toast("Type a space where you want to split the word, then press Enter.");
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
    announce("Taken back");
  }

  #shift() {
    const { corrections, at } = this;
    const [what, seconds] = [$("#shift-what").value, $("#shift-by").valueAsNumber / 1000];
    if (!seconds || (what !== "all" && !at)) return;
    const range = this.#lyrics.range;
    const [first, last] = { all: [0], line: [range?.first, range?.last + 1], rest: [at?.line] }[what];
    this.#apply(shift(corrections.doc, seconds, first, last), at);
    announce(`Shifted by ${$("#shift-by").value} milliseconds`);
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
    this.#status = "Saving …";
    this.draw();
    try {
      const isSaved = (await this.corrections.save()) || (await this.#resolveConflict());
      this.#status = isSaved ? "Saved" : "";
      return isSaved;
    } catch (error) {
      this.#status = `Not saved. ${error.message}`;
      return false;
    } finally {
      this.draw();
    }
  }

  async #resolveConflict() {
    const answer = await ask(
      "These lyrics were changed elsewhere",
      "Another window or program has saved corrections since you opened this song. Only one version can be kept.",
      [
        { value: "overwrite", label: "Keep mine", kind: "danger" },
        { value: "reload", label: "Use theirs" },
        { value: null, label: "Not now" },
      ],
    );
    if (answer === "overwrite") return this.corrections.save({ force: true });
    if (answer === "reload") {
      await this.corrections.reload();
      this.#show(this.#lyrics.at, false);
    }
    return answer === "reload";
  }

  /** Show what was saved elsewhere, unless unsaved corrections would be lost. */
  async catchUp(revision) {
    const { corrections } = this;
    if (!(await corrections.catchUp(revision)) || corrections !== this.corrections) return;
    this.#status = "";
    this.#show(this.at, false);
    toast("These lyrics were changed elsewhere. The new version is shown.");
  }

  async #revert() {
    const text = "All corrections of this song will be deleted, including saved ones. This cannot be undone.";
    if (!(await confirmed("Discard all corrections?", text, "Discard"))) return;
    try {
      await this.corrections.revert();
      this.#status = "";
      this.#show({ line: 0, word: 0 }, false);
      toast("The original lyrics are restored.");
    } catch (error) {
      toast(error.message);
    }
  }

  /** Update the panel. */
  draw() {
    const { corrections, at } = this;
    if (!corrections) return;
    const button = (name) => $(`#editor [data-command=${name}]`);
    button("undo").disabled = !corrections.canUndo;
    button("redo").disabled = !corrections.canRedo;
    button("save").disabled = !corrections.isDirty;
    $("#revert").hidden = !corrections.edited;
    setText($("#save-state"), this.#status || (corrections.isDirty ? "Unsaved changes" : corrections.edited ? "Saved" : "No changes"));
    $("#save-state").classList.toggle("dirty", corrections.isDirty);
    $("#word-panel").hidden = !at;
    $("#word-hint").hidden = Boolean(at);
    if (at) this.#drawWord(corrections.doc.lines[at.line], at, corrections.doc.lines.length);
  }

  #drawWord(line, at, length) {
    const word = line.words[at.word];
    const trouble = problem(line);
    setText($("#word-name"), word.text);
    setText(
      $("#word-note"),
      `line ${at.line + 1} of ${length}${word.confidence === null ? "" : `, confidence ${word.confidence.toFixed(2)}`}`,
    );
    setText($("#start-time"), clock(word.start_s ?? NaN, 3));
    setText($("#end-time"), clock(word.end_s ?? NaN, 3));
    setText($("#line-problem"), trouble ? `${problemText(trouble)}.` : "This word may be wrong.");
    const isDoubtful = line.placement?.band === "doubtful" && line.words.every(placed);
    const isOdd = isUnsure(word, unsureBelow(this.corrections.doc));
    $("#line-tools").hidden = !trouble && !isOdd;
    $("#line-tools [data-command=place]").hidden = !trouble;
    $("[data-command=trust]").hidden = !isDoubtful && !isOdd;
    $("[data-command=join]").disabled = at.word + 1 >= line.words.length;
    $("[data-command=break]").disabled = at.word === 0;
    $("[data-command=glue]").disabled = at.line === 0;
  }
}

/** The lines to check, as text; empty if there are none. */
export function checksText(doc) {
  const kinds = problems(doc).map((i) => problem(doc.lines[i]).kind);
  const unplaced = kinds.filter((kind) => kind === "unplaced").length;
  const uncertain = kinds.length - unplaced;
  const subject = unplaced ? `${uncertain} ${uncertain === 1 ? "is" : "are"}` : count(uncertain, "line is", "lines are");
  const words = unsurePlaces(doc).length - kinds.length;
  return [
    unplaced && `${count(unplaced, "line is", "lines are")} not placed`,
    uncertain && `${subject} uncertain`,
    words && count(words, "word is unsure", "words are unsure"),
  ]
    .filter(Boolean)
    .join(", ");
}
