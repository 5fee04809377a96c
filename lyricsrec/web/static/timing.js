// Queries on a transcript: words in order of time, the current line, the word under the pointer, lines to check.

import { t, tn } from "./i18n.js";

export const MIN_WORD_S = 0.03;
const LEAD_S = 0.6;
/** A pause between lines of at least this length is a break. */
const BREAK_S = 5;
/** How long the line before a break stays current. */
const LINGER_S = 1;
const UNCERTAIN = new Set(["doubtful", "unplaced"]);
/** Words below this confidence are unsure in transcripts that do not say it themselves. */
const UNSURE_BELOW = 0.4;

export const placed = (word) => word.start_s !== null && word.end_s !== null;

/** Estimated duration of a word in seconds, by its number of letters. */
export const typicalLength = (text) => 0.12 + 0.055 * [...text].length;

/** Words with times, in order of time, with their indices of line and word. */
export function timedWords(doc) {
  const found = doc.lines.flatMap((line, i) => line.words.flatMap((word, j) => (placed(word) ? [{ ...word, line: i, word: j }] : [])));
  return found.sort((a, b) => a.start_s - b.start_s || a.line - b.line || a.word - b.word);
}

/** Index of the last of `items` (ordered by `start_s`) that starts by `seconds`; -1 before the first. */
export function lastBegun(items, seconds) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].start_s <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Lines with times, in order of time: {line, start_s, end_s, until_s}; by `until_s` this line and all before it have ended. */
export function timedLines(doc) {
  const found = doc.lines.flatMap((line, i) => {
    const words = line.words.filter(placed);
    return words.length ? [{ line: i, start_s: words[0].start_s, end_s: words.at(-1).end_s }] : [];
  });
  let until_s = 0;
  return found
    .sort((a, b) => a.start_s - b.start_s)
    .map((line) => {
      until_s = Math.max(until_s, line.end_s);
      return { ...line, until_s };
    });
}

/** The current line: shortly before it starts, but not while the line before lasts; in a break, soon after that line. */
export function lineAt(lines, seconds) {
  const i = lastBegun(lines, seconds);
  const next = lines[i + 1];
  const end = lines[i]?.until_s ?? 0;
  const isBreak = next && next.start_s - end >= BREAK_S;
  if (next && seconds >= (isBreak ? end + (i < 0 ? 0 : LINGER_S) : Math.max(next.start_s - LEAD_S, end))) return next;
  // When one of two overlapping lines has ended, the other one is current again.
  const isOver = i >= 0 && seconds >= lines[i].end_s;
  return (isOver ? lines.findLast((line, j) => j <= i && line.end_s === end) : lines[i]) ?? null;
}

/** Indices of the lines that are sung at `seconds`: more than one where voices overlap. */
export function sungLines(lines, seconds) {
  const found = [];
  for (let i = lastBegun(lines, seconds); i >= 0 && lines[i].until_s > seconds; i -= 1)
    if (lines[i].end_s > seconds) found.push(lines[i].line);
  return found;
}

/** Breaks without singing: {line, from_s, to_s} with the index of the next line, in order of time. */
export const breaks = (lines) =>
  lines.flatMap(({ line, start_s: to_s }, i) => {
    const from_s = lines[i - 1]?.until_s ?? 0;
    return to_s - from_s >= BREAK_S ? [{ line, from_s, to_s }] : [];
  });

/** The fraction of a word that was sung by `seconds`, 0 to 1. */
export const sungPart = (word, seconds) =>
  placed(word) ? Math.max(0, Math.min((seconds - word.start_s) / Math.max(word.end_s - word.start_s, 1e-3), 1)) : 0;

/** Words of `timedWords` that overlap `from` to `to`; `longest` is the duration of the longest word. */
export function wordsWithin(words, from, to, longest) {
  const seen = [];
  for (let i = lastBegun(words, to); i >= 0 && words[i].start_s >= from - longest; i -= 1) if (words[i].end_s >= from) seen.push(words[i]);
  return seen.reverse();
}

/** The word at `seconds` as {word, part}, where part is "start", "end" or "whole"; null if there is none. Edges of the
 * `preferred` word win, then the nearer edge; an edge extends `slack` seconds to both sides. */
export function hit(words, seconds, slack, preferred = null) {
  let best = null;
  for (const word of words) {
    const reach = Math.min(slack, Math.max((word.end_s - word.start_s) / 3, slack / 2));
    for (const part of ["start", "end"]) {
      const away = Math.abs(seconds - word[`${part}_s`]);
      const isInside = seconds >= word.start_s && seconds <= word.end_s;
      const cost = away - (isSame(word, preferred) ? slack : 0) - (isInside ? 1e-6 : 0);
      if (away <= reach && (!best || cost < best.cost)) best = { word, part, cost };
    }
  }
  if (best) return { word: best.word, part: best.part };
  const inside = words.findLast((word) => seconds >= word.start_s && seconds <= word.end_s);
  return inside ? { word: inside, part: "whole" } : null;
}

/** Whether each word is in brackets, as backing vocals are. */
export function asides(words) {
  let depth = 0;
  return words.map(({ text }) => {
    const before = depth;
    for (const letter of text) depth = Math.max(depth + ("([（".includes(letter) ? 1 : ")]）".includes(letter) ? -1 : 0), 0);
    return before > 0 || "([（".includes(text[0]);
  });
}

export const isSame = (a, b) => Boolean(a && b && a.line === b.line && a.word === b.word);

/** The confidence below which the words of a transcript are marked as unsure. */
export const unsureBelow = (doc) => doc.provenance?.settings?.unsure_below ?? UNSURE_BELOW;

/** Why a line should be checked, or null: it is not placed, is uncertain, or has words without times. */
export function problem({ placement, words }) {
  const missing = words.filter((word) => !placed(word)).length;
  if (placement && UNCERTAIN.has(placement.band))
    return { kind: placement.band, label: placement.band === "unplaced" ? t("Not placed") : t("Uncertain"), reason: placement.reason };
  if (missing === words.length) return { kind: "unplaced", label: t("No times yet"), reason: null };
  return missing ? { kind: "doubtful", label: tn(missing, "One word has no time", "{n} words have no times"), reason: null } : null;
}

/** A problem as text. */
export const problemText = ({ label, reason }) => (reason ? `${label}: ${reason}` : label);

/** Indices of the lines that should be checked. */
export const problems = (doc) => doc.lines.flatMap((line, i) => (problem(line) ? [i] : []));

/** Words that may be wrong, as {line, word}: one of each line to check, and words of low confidence elsewhere. */
export const unsurePlaces = (doc) =>
  doc.lines.flatMap((line, i) => {
    if (problem(line))
      return [
        {
          line: i,
          word: Math.max(
            line.words.findIndex((word) => !placed(word)),
            0,
          ),
        },
      ];
    return line.words.flatMap((word, j) => (isUnsure(word, unsureBelow(doc)) ? [{ line: i, word: j }] : []));
  });

export const isUnsure = (word, below) => word.confidence !== null && word.confidence < below;

/** The transcript in the server's form: texts and times of lines follow from their words. */
export function toDocument(doc) {
  const lines = doc.lines.map(({ words, placement }) => {
    const timed = words.filter(placed);
    const text = words.map((word) => word.text).join(" ");
    const fields = { text, start_s: timed[0]?.start_s ?? null, end_s: timed.at(-1)?.end_s ?? null, words };
    return placement ? { ...fields, placement } : fields;
  });
  return { ...doc, text: lines.map((line) => line.text).join("\n"), lines };
}
