// What is where in a transcript: words in order of time, what is sung now, what a pointer meets.

export const MIN_WORD_S = 0.03;
const LEAD_S = 0.6;
/** A pause between lines that is so long is a break, in which the next line is waited for. */
const BREAK_S = 5;
/** So long the line before a break stays. */
const LINGER_S = 1;
const DOUBTFUL = new Set(["doubtful", "unplaced"]);

export const placed = (word) => word.start_s !== null && word.end_s !== null;

/** How long a word of so many letters is sung, when nothing better is known. */
export const typicalLength = (text) => 0.12 + 0.055 * [...text].length;

/** Placed words in order of time, with their places in the text. */
export function timedWords(doc) {
  const found = doc.lines.flatMap((line, i) =>
    line.words.flatMap((word, j) => (placed(word) ? [{ ...word, line: i, word: j }] : [])));
  return found.sort((a, b) => a.start_s - b.start_s || a.line - b.line || a.word - b.word);
}

/** Number of the last of `items` (in order of `start_s`) that began by `seconds`; -1 before the first. */
export function lastBegun(items, seconds) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].start_s <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Lines with times, in order of time: {line, start_s, end_s, until_s}; by `until_s` it and all before it have ended. */
export function timedLines(doc) {
  const found = doc.lines.flatMap((line, i) => {
    const words = line.words.filter(placed);
    return words.length ? [{ line: i, start_s: words[0].start_s, end_s: words.at(-1).end_s }] : [];
  });
  let until_s = 0;
  return found.sort((a, b) => a.start_s - b.start_s)
    .map((line) => ({ ...line, until_s: until_s = Math.max(until_s, line.end_s) }));
}

/** The line to look at: it comes up a moment before it is sung, but not while the one before lasts; in a break soon. */
export function lineAt(lines, seconds) {
  const i = lastBegun(lines, seconds);
  const next = lines[i + 1];
  const end = lines[i]?.until_s ?? 0;
  const isBreak = next && next.start_s - end >= BREAK_S;
  if (next && seconds >= (isBreak ? end + (i < 0 ? 0 : LINGER_S) : Math.max(next.start_s - LEAD_S, end))) return next;
  // Where another voice has ended, the one that goes on is looked at again.
  const isOver = i >= 0 && seconds >= lines[i].end_s;
  return (isOver ? lines.findLast((line, j) => j <= i && line.end_s === end) : lines[i]) ?? null;
}

/** Numbers of the lines that are sung at `seconds`: more than one where voices overlap. */
export function sungLines(lines, seconds) {
  const found = [];
  for (let i = lastBegun(lines, seconds); i >= 0 && lines[i].until_s > seconds; i -= 1)
    if (lines[i].end_s > seconds) found.push(lines[i].line);
  return found;
}

/** Where nobody sings for long: {line, from_s, to_s} with the line that follows, in order of time. */
export const breaks = (lines) => lines.flatMap(({ line, start_s: to_s }, i) => {
  const from_s = lines[i - 1]?.until_s ?? 0;
  return to_s - from_s >= BREAK_S ? [{ line, from_s, to_s }] : [];
});

/** How much of a word was sung by `seconds`, 0 to 1. */
export const sungPart = (word, seconds) =>
  placed(word) ? Math.max(0, Math.min((seconds - word.start_s) / Math.max(word.end_s - word.start_s, 1e-3), 1)) : 0;

/** Words of `timedWords` that touch the time from `from` to `to`; `longest` is the longest word's length. */
export function wordsWithin(words, from, to, longest) {
  const seen = [];
  for (let i = lastBegun(words, to); i >= 0 && words[i].start_s >= from - longest; i -= 1)
    if (words[i].end_s >= from) seen.push(words[i]);
  return seen.reverse();
}

/** What lies at `seconds`: {word, part} with the part "start", "end" or "whole"; null for nothing. Edges of the `preferred`
 * word win, then the nearer edge; `slack` is how far an edge reaches. */
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

/** Which words stand in brackets, as those of other voices do: one boolean a word. */
export function asides(words) {
  let depth = 0;
  return words.map(({ text }) => {
    const before = depth;
    for (const letter of text) depth = Math.max(depth + ("([（".includes(letter) ? 1 : ")]）".includes(letter) ? -1 : 0), 0);
    return before > 0 || "([（".includes(text[0]);
  });
}

export const isSame = (a, b) => Boolean(a && b && a.line === b.line && a.word === b.word);

/** Why a line needs a look, or null: it has no place, is doubtful, or misses times of words. */
export function problem({ placement, words }) {
  const missing = words.filter((word) => !placed(word)).length;
  if (placement && DOUBTFUL.has(placement.band))
    return { kind: placement.band, reason: placement.reason ?? (placement.band === "doubtful" ? "may be elsewhere" : "not found") };
  if (missing === words.length) return { kind: "unplaced", reason: "has no times yet" };
  return missing ? { kind: "doubtful", reason: missing === 1 ? "a word has no time" : `${missing} words have no times` } : null;
}

/** Numbers of the lines that need a look. */
export const problems = (doc) => doc.lines.flatMap((line, i) => (problem(line) ? [i] : []));

/** The transcript as the server keeps it: texts and times of lines follow from their words. */
export function toDocument(doc) {
  const lines = doc.lines.map(({ words, placement }) => {
    const timed = words.filter(placed);
    const text = words.map((word) => word.text).join(" ");
    const fields = { text, start_s: timed[0]?.start_s ?? null, end_s: timed.at(-1)?.end_s ?? null, words };
    return placement ? { ...fields, placement } : fields;
  });
  return { ...doc, text: lines.map((line) => line.text).join("\n"), lines };
}
