// A pass of taps: the words or lines that are marked one after the other while the song plays. No DOM here.

import { placeLineWithin, trustLine, withTimes } from "./edits.js";
import { MIN_WORD_S, placed, typicalLength } from "./timing.js";

/** A mark that is held for less is a mere tap: how long it lasts follows from the next one. */
export const HELD_FROM_S = 0.15;
/** Within a line, a word that was only tapped lasts until the next one that starts at most this much later. */
const LEGATO_S = 1.5;

/** What a pass marks from {line, word} on, in the order of the lyrics: every word, or the first word of every line. */
export const targets = ({ lines }, from, unit) =>
  lines.flatMap(({ words }, line) => {
    if (line < from.line) return [];
    if (unit === "line") return [{ line, word: 0 }];
    return words.flatMap((_, word) => (line > from.line || word >= from.word ? [{ line, word }] : []));
  });

/** Where a pass from {line, word} on starts to play: some seconds before its first word, or else after the words before. */
export function startOf({ lines }, from, leadSeconds, otherwise) {
  const first = lines[from.line].words[from.word];
  const before = [...lines.slice(0, from.line).flatMap(({ words }) => words), ...lines[from.line].words.slice(0, from.word)];
  const at = placed(first) ? first.start_s : (before.findLast(placed)?.end_s ?? otherwise);
  return Math.max(at - leadSeconds, 0);
}

export class Pass {
  #targets;
  #marks = [];

  /** `from`: the word to begin with, `unit`: "word" or "line". */
  constructor(doc, from, unit) {
    Object.assign(this, { doc, from, unit });
    this.#targets = targets(doc, from, unit);
  }

  /** The word or line that the next press marks, null when all are marked. */
  get next() {
    return this.#targets[this.#marks.length] ?? null;
  }
  /** The one that was marked last, or is held. */
  get last() {
    return this.#targets[this.#marks.length - 1] ?? null;
  }
  get count() {
    return this.#marks.length;
  }
  get isHeld() {
    return this.#marks.at(-1)?.end_s === null;
  }

  press(seconds) {
    if (this.isHeld) this.release(seconds);
    if (this.next) this.#marks.push({ start_s: Math.max(seconds, 0), end_s: null });
  }

  release(seconds) {
    if (this.isHeld) this.#marks.at(-1).end_s = seconds;
  }

  /** Take the last mark back; where it began, in seconds. */
  back() {
    return this.#marks.pop()?.start_s ?? null;
  }

  /** The transcript with all marks. */
  applied() {
    let { doc } = this;
    for (const [i, mark] of this.#marks.entries()) {
      const at = this.#targets[i];
      const later = this.#marks[i + 1]?.start_s ?? Infinity;
      const next = later > mark.start_s ? later : Infinity;
      const set = this.unit === "line" ? markLine : markWord;
      doc = set(doc, at, mark, next, this.#targets[i + 1]?.line === at.line);
    }
    return this.#trusted(doc);
  }

  /** Lines that were marked from their first to their last word are no longer in doubt. */
  #trusted(doc) {
    const marked = new Map();
    for (const { line } of this.#targets.slice(0, this.count)) marked.set(line, (marked.get(line) ?? 0) + 1);
    for (const [line, count] of marked) {
      const { placement, words } = doc.lines[line];
      if (placement && (this.unit === "line" || count === words.length)) doc = trustLine(doc, line);
    }
    return doc;
  }
}

const isHeld = ({ start_s, end_s }) => end_s !== null && end_s - start_s >= HELD_FROM_S;
const within = (doc, seconds) => Math.min(seconds, doc.duration_s || Infinity);

function markWord(doc, at, mark, next, isSameLine) {
  const word = doc.lines[at.line].words[at.word];
  const start = within(doc, mark.start_s + MIN_WORD_S) - MIN_WORD_S;
  const usual = start + typicalLength(word.text);
  const tapped = isSameLine && next - start <= LEGATO_S ? next : Math.min(usual, next);
  return withTimes(doc, at, start, within(doc, isHeld(mark) ? Math.min(mark.end_s, next) : tapped));
}

function markLine(doc, { line }, mark, next) {
  const { words } = doc.lines[line];
  const usual = words.every(placed) ? words.at(-1).end_s - words[0].start_s : words.reduce((sum, { text }) => sum + typicalLength(text), 0);
  const end = isHeld(mark) ? mark.end_s : mark.start_s + usual;
  return placeLineWithin(doc, line, mark.start_s, within(doc, Math.min(end, next)));
}
