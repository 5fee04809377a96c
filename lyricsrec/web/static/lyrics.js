// The lyrics: lines of words that are buttons. Tab reaches one of them, arrow keys move on from there. Lines are immutable
// values, so a line keeps its element as long as it does not change.

import { Breaks } from "./breaks.js";
import { arrange, h, prefersReducedMotion } from "./dom.js";
import { t } from "./i18n.js";
import { Places } from "./places.js";
import { asides, isSame, lineAt, placed, problem, problemText, sungLines, sungPart, timedLines, unsureBelow } from "./timing.js";

const FOLLOW_AFTER_MS = 4000;
const CENTER_INTERVAL_MS = 700;
const TOLERANCE_PX = 8;

export class Lyrics {
  #root;
  #doc = { lines: [] };
  #elements = new WeakMap();
  #rows = [];
  #times = [];
  #breaks = new Breaks();
  #places;
  #current = null;
  #lit = new Map();
  #at = null;
  #until = null;
  #touchedAt = -Infinity;
  #wasPlaying = false;
  #centerAt = 0;

  /** `onWord({line, word})` is called for clicked words, `onSelect({line, word})` for words that get the focus;
   * `places`: see `Places`. */
  constructor(root, { onWord, onSelect, places }) {
    this.#places = new Places(places);
    this.#root = root;
    root.addEventListener("click", (event) => {
      const at = placeOf(event.target);
      if (at && event.shiftKey) this.extend(at.line);
      else if (at) onWord(at);
    });
    // The focus would move to the word, and the lines would not be chosen any more.
    root.addEventListener("mousedown", (event) => {
      if (event.shiftKey) event.preventDefault();
    });
    root.addEventListener("focusin", (event) => {
      const at = placeOf(event.target);
      if (at) {
        this.select(at);
        onSelect(at);
      }
    });
    root.addEventListener("keydown", (event) => this.#move(event));
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"])
      root.addEventListener(
        name,
        () => {
          this.#touchedAt = performance.now();
        },
        { passive: true },
      );
  }

  get at() {
    return this.#at;
  }
  /** The chosen lines {first, last}: those from the selected word to where the choice was extended. */
  get range() {
    if (!this.#at) return null;
    const lines = [this.#at.line, Math.min(this.#until ?? this.#at.line, this.#doc.lines.length - 1)];
    return { first: Math.min(...lines), last: Math.max(...lines) };
  }

  /** Choose all lines from the selected one to another. */
  extend(line) {
    this.#until = line;
    const { first, last } = this.range ?? { first: 0, last: -1 };
    for (const [i, row] of this.#rows.entries()) row.classList.toggle("ranged", first < last && i >= first && i <= last);
    if (this.#rows[line]) this.#reveal(this.#rows[line], "nearest");
  }

  /** The elements of the lines. */
  get rows() {
    return this.#rows;
  }
  /** Index of the current line, or null. */
  get current() {
    return this.#current;
  }

  lineAt(seconds) {
    return lineAt(this.#times, seconds)?.line ?? null;
  }

  show(doc) {
    for (const lit of this.#lit.values()) clearHighlight(lit);
    this.#lit.clear();
    this.#doc = doc;
    this.#rows = doc.lines.map((line, i) => this.#row(line, i));
    if (doc.lines.length) arrange(this.#root, this.#rows);
    else
      this.#root.replaceChildren(
        h("p", { class: "empty", text: t("No words were recognised in this song. You can add them with “Correct”.") }),
      );
    this.#times = timedLines(doc);
    this.#breaks.show(this.#rows, this.#times);
    this.#places.show(this.#rows, doc);
    this.#current = null;
    this.select(this.#at && this.#word(this.#at) ? this.#at : doc.lines.length ? { line: 0, word: 0 } : null);
    if (this.#until !== null) this.extend(this.#until);
  }

  #row(line, i) {
    const row = this.#elements.get(line) ?? makeRow(line, unsureBelow(this.#doc));
    this.#elements.set(line, row);
    row.dataset.line = i;
    return row;
  }

  #word({ line, word }) {
    return this.#rows[line]?.wordButtons[word] ?? null;
  }

  /** Select a word: the one that Tab reaches. */
  select(at, { focus = false } = {}) {
    const before = this.#at && this.#word(this.#at);
    before?.setAttribute("tabindex", "-1");
    for (const old of this.#root.querySelectorAll(".chosen")) old.classList.remove("chosen");
    if (!isSame(at, this.#at)) {
      this.#until = null;
      for (const row of this.#root.querySelectorAll(".ranged")) row.classList.remove("ranged");
    }
    this.#at = at;
    const word = at && this.#word(at);
    if (!word) return;
    word.setAttribute("tabindex", "0");
    word.classList.add("chosen");
    if (focus) {
      this.#touchedAt = performance.now();
      word.focus({ preventScroll: true });
      this.#reveal(word, "nearest");
    }
  }

  /** Select the word at `seconds`, or the last one before, and scroll to it; a word that has the focus stays selected. */
  chooseAt(seconds) {
    const line = this.lineAt(seconds);
    if (line !== null && !this.#root.contains(document.activeElement)) {
      const begun = this.#doc.lines[line].words.findLastIndex((word) => placed(word) && word.start_s <= seconds);
      this.select({ line, word: Math.max(begun, 0) });
    }
    const word = this.#at && this.#word(this.#at);
    if (word) this.#reveal(word, "center");
  }

  /** The button of a word. */
  button(at) {
    return this.#word(at);
  }

  #move(event) {
    if (!this.#at || event.ctrlKey || event.metaKey || event.altKey || !event.target.matches("button.word")) return;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.shiftKey && by) {
      event.preventDefault();
      return this.extend(Math.max(0, Math.min((this.#until ?? this.#at.line) + by, this.#doc.lines.length - 1)));
    }
    const to = neighbour(this.#doc, this.#at, event.key, getComputedStyle(event.target).direction === "rtl");
    if (!to) return;
    event.preventDefault();
    this.select(to, { focus: true });
  }

  /** Highlight the words at `seconds`. */
  tick(seconds, isPlaying) {
    // Starting playback resumes following.
    if (isPlaying && !this.#wasPlaying) this.follow();
    this.#wasPlaying = isPlaying;
    this.#breaks.tick(seconds);
    const now = this.lineAt(seconds);
    this.#highlight(now, seconds);
    if (now !== this.#current) this.#enter(now, isPlaying);
    if (now === null) return;
    // Repeated, because lines that scroll into view may turn out higher than estimated, and the view may be resized.
    if (isPlaying && performance.now() > Math.max(this.#centerAt, this.#touchedAt + FOLLOW_AFTER_MS)) {
      this.#centerAt = performance.now() + CENTER_INTERVAL_MS;
      this.#reveal(this.#rows[now], "center");
    }
    for (const [line, { words }] of this.#lit) {
      for (const [i, word] of this.#doc.lines[line].words.entries()) paint(words[i], word, seconds);
    }
  }

  /** Highlight the current line, and those that overlap with it. */
  #highlight(now, seconds) {
    const wanted = sungLines(this.#times, seconds);
    if (now !== null && !wanted.includes(now)) wanted.push(now);
    for (const [line, lit] of this.#lit)
      if (!wanted.includes(line)) {
        clearHighlight(lit);
        this.#lit.delete(line);
      }
    for (const line of wanted.filter((other) => !this.#lit.has(other))) {
      const row = this.#rows[line];
      this.#lit.set(line, { row, words: row.wordButtons });
      row.classList.add("now");
    }
  }

  #enter(now, isPlaying) {
    this.#current = now;
    if (now === null) return;
    if (isPlaying) this.#centerAt = 0;
    else if (!this.#root.contains(document.activeElement)) this.#reveal(this.#rows[now], "center");
  }

  /** Follow playback again at once. */
  follow() {
    this.#touchedAt = -Infinity;
    this.#centerAt = 0;
  }

  #reveal(element, block) {
    const box = element.getBoundingClientRect();
    const view = this.#root.getBoundingClientRect();
    if (block === "nearest" && box.top >= view.top + 8 && box.bottom <= view.bottom - 8) return;
    const top = this.#root.scrollTop + box.top - view.top - (view.height - box.height) * (block === "center" ? 0.4 : 0.5);
    if (Math.abs(top - this.#root.scrollTop) > TOLERANCE_PX)
      this.#root.scrollTo({ top, behavior: prefersReducedMotion() ? "instant" : "smooth" });
  }

  /** Scroll to a line and focus a word of it. */
  goTo(line, word = 0) {
    this.select({ line, word }, { focus: true });
  }
}

/** Fill a word with colour up to `seconds`. */
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

/** Remove the highlight of a line. */
function clearHighlight({ row, words }) {
  row.classList.remove("now");
  for (const word of words) {
    delete word.dataset.sung;
    word.removeAttribute("aria-current");
  }
}

function placeOf(target) {
  const word = target.closest?.("button.word");
  return word ? { line: Number(word.closest(".line").dataset.line), word: Number(word.dataset.word) } : null;
}

function makeRow(line, unsure) {
  const trouble = problem(line);
  const bracketed = asides(line.words);
  const words = line.words.map((word, i) => {
    const kinds = [
      "word",
      bracketed[i] ? "aside" : "",
      placed(word) ? "" : "untimed",
      word.confidence !== null && word.confidence < unsure ? "low-confidence" : "",
    ];
    return h("button", { type: "button", class: kinds.filter(Boolean).join(" "), tabindex: "-1", "data-word": i, text: word.text });
  });
  const text = h("p", { class: "words", dir: "auto" });
  for (const [i, word] of words.entries()) text.append(...(i ? [" ", word] : [word]));
  const note = trouble && h("p", { class: "reason", text: problemText(trouble) });
  const row = h(
    "div",
    { class: `line ${trouble?.kind ?? ""}`, role: "group", "aria-label": line.words.map((word) => word.text).join(" ") },
    text,
    note,
  );
  return Object.assign(row, { wordButtons: words });
}

/** The word that a key moves to, or null. */
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
