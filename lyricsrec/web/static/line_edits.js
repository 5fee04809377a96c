// Corrections of whole lines, one or several: delete, duplicate, move, case, find and replace. As in edits.js, every function takes
// a transcript and returns [a new one, {line, word} to select next]. `first` and `last` are indices of lines, both included.

import { setText } from "./edits.js";
import { placed } from "./timing.js";

const unplaced = (word) => ({ ...word, start_s: null, end_s: null });

export function deleteLines(doc, { first, last }) {
  const lines = doc.lines.toSpliced(first, last - first + 1);
  return [{ ...doc, lines }, lines.length ? { line: Math.min(first, lines.length - 1), word: 0 } : null];
}

/** Copies below the lines, without times: where they are sung again is not known. */
export function duplicateLines(doc, { first, last }) {
  const copies = doc.lines.slice(first, last + 1).map(({ words, placement, ...rest }) => ({ ...rest, words: words.map(unplaced) }));
  return [
    { ...doc, lines: doc.lines.toSpliced(last + 1, 0, ...copies) },
    { line: last + 1, word: 0 },
  ];
}

/** Move lines up (`by` -1) or down (1); their times stay. */
export function moveLines(doc, { first, last }, by) {
  const to = first + by;
  if (to < 0 || last + by >= doc.lines.length) return [doc, { line: first, word: 0 }];
  const moved = doc.lines.slice(first, last + 1);
  return [
    { ...doc, lines: doc.lines.toSpliced(first, moved.length).toSpliced(to, 0, ...moved) },
    { line: to, word: 0 },
  ];
}

const CASES = {
  lower: (text) => text.toLocaleLowerCase(),
  upper: (text) => text.toLocaleUpperCase(),
  sentence: (text, i) => (i ? text.toLocaleLowerCase() : capital(text.toLocaleLowerCase())),
  title: (text) => capital(text.toLocaleLowerCase()),
};
const capital = (text) => text.replace(/\p{L}/u, (letter) => letter.toLocaleUpperCase());

/** Change the case of lines: "lower", "upper", "sentence" (first letter of a line) or "title" (of each word). */
export function recase(doc, { first, last }, how) {
  const lines = doc.lines.map((line, i) =>
    i < first || i > last ? line : { ...line, words: line.words.map((word, j) => ({ ...word, text: CASES[how](word.text, j) })) },
  );
  return [
    { ...doc, lines },
    { line: first, word: 0 },
  ];
}

/** Words of lines that contain a text (a single word) or begin a sequence of words; upper and lower case are the same. */
export function find(doc, text) {
  const wanted = text.trim().toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  if (!wanted.length) return [];
  return doc.lines.flatMap(({ words }, line) => words.flatMap((_, word) => (matches(words, word, wanted) ? [{ line, word }] : [])));
}

function matches(words, at, wanted) {
  const texts = words.slice(at, at + wanted.length).map((word) => word.text.toLocaleLowerCase());
  if (texts.length < wanted.length) return false;
  // Punctuation around the words may differ.
  return wanted.length === 1 ? texts[0].includes(wanted[0]) : wanted.every((part, i) => bare(texts[i]) === bare(part));
}

const bare = (text) => text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");

/** Replace a text everywhere; the number of places is `find(...).length`. Words that are replaced share the time. */
export function replaceAll(doc, text, by) {
  const num = text.trim().split(/\s+/u).length;
  let free = { line: doc.lines.length, word: 0 };
  let made = doc;
  // From the end, so that the indices of the places before stay right; places that overlap are replaced once.
  for (const at of find(doc, text).reverse()) {
    if (at.line === free.line && at.word + num > free.word) continue;
    made =
      num === 1
        ? setText(made, at, swap(made.lines[at.line].words[at.word].text, text.trim(), by))[0]
        : setText(merged(made, at, num), at, by)[0];
    free = at;
  }
  return [made, made.lines.length ? { line: 0, word: 0 } : null];
}

const swap = (word, text, by) => word.replace(new RegExp(text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"), "giu"), () => by);

/** `num` words as one, with the time of all. */
function merged(doc, { line, word }, num) {
  const words = doc.lines[line].words.slice(word, word + num);
  const timed = words.filter(placed);
  const one = {
    text: words.map(({ text }) => text).join(""),
    start_s: timed[0]?.start_s ?? null,
    end_s: timed.at(-1)?.end_s ?? null,
    confidence: 1,
  };
  const row = { ...doc.lines[line], words: doc.lines[line].words.toSpliced(word, num, one) };
  return { ...doc, lines: doc.lines.toSpliced(line, 1, row) };
}
