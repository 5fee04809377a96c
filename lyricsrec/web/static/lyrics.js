// The lyrics as text: lines of words that are buttons, one of which the Tab key reaches; arrows go on from there. Lines are
// values that never change, so each has one element as long as it stays the same.

import { Breaks } from "./breaks.js";
import { arrange, h, isCalm } from "./dom.js";
import { asides, isSame, lineAt, placed, problem, sungLines, sungPart, timedLines } from "./words.js";

const REST_MS = 4000;
const LOOK_MS = 700;
const CLOSE_PX = 8;

export class Lyrics {
  #root;
  #doc = { lines: [] };
  #elements = new WeakMap();
  #rows = [];
  #times = [];
  #breaks = new Breaks();
  #current = null;
  #lit = new Map();
  #at = null;
  #touched = -Infinity;
  #wasPlaying = false;
  #lookAt = 0;

  /** `onWord({line, word})` hears of pressed words. */
  constructor(root, { onWord, onSelect }) {
    this.#root = root;
    root.addEventListener("click", (event) => { const at = placeOf(event.target); if (at) onWord(at); });
    root.addEventListener("focusin", (event) => { const at = placeOf(event.target); if (at) { this.select(at); onSelect(at); } });
    root.addEventListener("keydown", (event) => this.#move(event));
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"])
      root.addEventListener(name, () => { this.#touched = performance.now(); }, { passive: true });
  }

  get at() { return this.#at; }
  /** Number of the line to look at, or null. */
  get current() { return this.#current; }

  lineAt(seconds) { return lineAt(this.#times, seconds)?.line ?? null; }

  show(doc) {
    for (const lit of this.#lit.values()) leave(lit);
    this.#lit.clear();
    this.#doc = doc;
    this.#rows = doc.lines.map((line, i) => this.#row(line, i));
    if (doc.lines.length) arrange(this.#root, this.#rows);
    else this.#root.replaceChildren(h("p", { class: "empty", text: "No words were heard in this song. If there are some, “Correct” lets you write them down." }));
    this.#times = timedLines(doc);
    this.#breaks.show(this.#rows, this.#times);
    this.#current = null;
    this.select(this.#at && this.#word(this.#at) ? this.#at : doc.lines.length ? { line: 0, word: 0 } : null);
  }

  #row(line, i) {
    const row = this.#elements.get(line) ?? makeRow(line);
    this.#elements.set(line, row);
    row.dataset.line = i;
    return row;
  }

  #word({ line, word }) { return this.#rows[line]?.wordButtons[word] ?? null; }

  /** Make a word the one that Tab reaches. */
  select(at, { focus = false } = {}) {
    const before = this.#at && this.#word(this.#at);
    before?.setAttribute("tabindex", "-1");
    for (const old of this.#root.querySelectorAll(".chosen")) old.classList.remove("chosen");
    this.#at = at;
    const word = at && this.#word(at);
    if (!word) return;
    word.setAttribute("tabindex", "0");
    word.classList.add("chosen");
    if (focus) { this.#touched = performance.now(); word.focus({ preventScroll: true }); this.#reveal(word, "nearest"); }
  }

  /** Choose the word that is sung at `seconds`, or was last, and bring it into sight; what somebody is at stays chosen. */
  chooseAt(seconds) {
    const line = this.lineAt(seconds);
    if (line !== null && !this.#root.contains(document.activeElement)) {
      const begun = this.#doc.lines[line].words.findLastIndex((word) => placed(word) && word.start_s <= seconds);
      this.select({ line, word: Math.max(begun, 0) });
    }
    const word = this.#at && this.#word(this.#at);
    if (word) this.#reveal(word, "center");
  }

  /** The button of a word, for what stands in its place while its text is changed. */
  button(at) { return this.#word(at); }

  #move(event) {
    if (!this.#at || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches("button.word")) return;
    const to = neighbour(this.#doc, this.#at, event.key, getComputedStyle(event.target).direction === "rtl");
    if (!to) return;
    event.preventDefault();
    this.select(to, { focus: true });
  }

  /** Show what is sung at `seconds`. */
  tick(seconds, isPlaying) {
    // Who starts the song wants to follow it.
    if (isPlaying && !this.#wasPlaying) this.follow();
    this.#wasPlaying = isPlaying;
    this.#breaks.tick(seconds);
    const now = this.lineAt(seconds);
    this.#light(now, seconds);
    if (now !== this.#current) this.#enter(now, isPlaying);
    if (now === null) return;
    // Now and then again: what comes into sight may be higher than it was thought to be, and the room may change.
    if (isPlaying && performance.now() > Math.max(this.#lookAt, this.#touched + REST_MS)) {
      this.#lookAt = performance.now() + LOOK_MS;
      this.#reveal(this.#rows[now], "center");
    }
    for (const [line, { words }] of this.#lit) this.#doc.lines[line].words.forEach((word, i) => paint(words[i], word, seconds));
  }

  /** Light the line to look at, and those that are sung with it. */
  #light(now, seconds) {
    const wanted = sungLines(this.#times, seconds);
    if (now !== null && !wanted.includes(now)) wanted.push(now);
    for (const [line, lit] of this.#lit) if (!wanted.includes(line)) { leave(lit); this.#lit.delete(line); }
    for (const line of wanted.filter((other) => !this.#lit.has(other))) {
      const row = this.#rows[line];
      this.#lit.set(line, { row, words: row.wordButtons });
      row.classList.add("now");
    }
  }

  #enter(now, isPlaying) {
    this.#current = now;
    if (now === null) return;
    if (isPlaying) this.#lookAt = 0;
    else if (!this.#root.contains(document.activeElement)) this.#reveal(this.#rows[now], "center");
  }

  /** Follow the song again at once. */
  follow() { this.#touched = -Infinity; this.#lookAt = 0; }

  #reveal(element, block) {
    const box = element.getBoundingClientRect();
    const view = this.#root.getBoundingClientRect();
    if (block === "nearest" && box.top >= view.top + 8 && box.bottom <= view.bottom - 8) return;
    const top = this.#root.scrollTop + box.top - view.top - (view.height - box.height) * (block === "center" ? 0.4 : 0.5);
    if (Math.abs(top - this.#root.scrollTop) > CLOSE_PX) this.#root.scrollTo({ top, behavior: isCalm() ? "instant" : "smooth" });
  }

  /** Bring a line into sight and its first word under the keys. */
  goTo(line) { this.select({ line, word: 0 }, { focus: true }); }
}

/** Show how much of a word is sung. */
function paint(element, word, seconds) {
  const part = sungPart(word, seconds);
  const state = !placed(word) || seconds < word.start_s ? "" : part < 1 ? "now" : "sung";
  if (element.dataset.sung !== state) {
    element.dataset.sung = state;
    if (state === "now") element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
  }
  if (state === "now") element.style.setProperty("--part", part.toFixed(3));
}

/** Nothing of a line's words is sung any more. */
function leave({ row, words }) {
  row.classList.remove("now");
  for (const word of words) { delete word.dataset.sung; word.removeAttribute("aria-current"); }
}

function placeOf(target) {
  const word = target.closest?.("button.word");
  return word ? { line: Number(word.closest(".line").dataset.line), word: Number(word.dataset.word) } : null;
}

function makeRow(line) {
  const trouble = problem(line);
  const others = asides(line.words);
  const words = line.words.map((word, i) => {
    const kinds = ["word", others[i] ? "aside" : "", placed(word) ? "" : "nowhere", word.confidence !== null && word.confidence < 0.4 ? "faint" : ""];
    return h("button", { type: "button", class: kinds.filter(Boolean).join(" "), tabindex: "-1", "data-word": i, text: word.text });
  });
  const text = h("p", { class: "words", dir: "auto" });
  words.forEach((word, i) => text.append(...(i ? [" ", word] : [word])));
  const note = trouble && h("p", { class: "why", text: `${trouble.kind === "unplaced" ? "No place" : "Doubtful"}: ${trouble.reason}` });
  const row = h("div", { class: `line ${trouble?.kind ?? ""}`, role: "group", "aria-label": line.words.map((word) => word.text).join(" ") }, text, note);
  return Object.assign(row, { wordButtons: words });
}

/** Where a key leads from a word, or null. */
function neighbour({ lines }, { line, word }, key, isRightToLeft) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (step) {
    const to = word + (isRightToLeft ? -step : step);
    if (to >= 0 && to < lines[line].words.length) return { line, word: to };
    if (to < 0) return line > 0 ? { line: line - 1, word: lines[line - 1].words.length - 1 } : null;
    return line + 1 < lines.length ? { line: line + 1, word: 0 } : null;
  }
  const ends = { Home: { line, word: 0 }, End: { line, word: lines[line].words.length - 1 } };
  if (ends[key]) return isSame(ends[key], { line, word }) ? null : ends[key];
  const to = line + ({ ArrowUp: -1, ArrowDown: 1 }[key] ?? NaN);
  return lines[to] ? { line: to, word: Math.min(word, lines[to].words.length - 1) } : null;
}
