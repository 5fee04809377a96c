// The whole lyrics as text: words that stay keep their times, changed ones share the time of those that they replace. No DOM here.

import { inOrder, splitTime } from "./edits.js";
import { placed } from "./timing.js";

/** Beyond this many comparisons, what lies between the common beginning and end is replaced as a whole. */
const MAX_STEPS = 4e6;

const key = (text) => text.toLocaleLowerCase().replace(/[^\p{L}\p{N}]+/gu, "") || text;

export const toText = (doc) => doc.lines.map((line) => line.words.map((word) => word.text).join(" ")).join("\n");

/** The transcript with other lyrics, one line for each row; empty rows are ignored. Words that take the place of others get their time
 * if `sharesTime`, else none. */
export function rewrite(doc, text, { sharesTime = true } = {}) {
  const rows = text
    .split("\n")
    .map((row) => row.split(/\s+/u).filter(Boolean))
    .filter((row) => row.length);
  const old = doc.lines.flatMap((line, i) => line.words.map((word) => ({ word, line: i })));
  const texts = rows.flat();
  const made = [];
  let [from, to] = [0, 0];
  for (const [i, j] of [
    ...pairs(
      old.map(({ word }) => key(word.text)),
      texts.map(key),
    ),
    [old.length, texts.length],
  ]) {
    made.push(...replaced(old.slice(from, i), texts.slice(to, j), sharesTime));
    if (j < texts.length) made.push({ word: { ...old[i].word, text: texts[j] }, line: old[i].line });
    [from, to] = [i + 1, j + 1];
  }
  let done = 0;
  const lines = rows.map((row) => {
    done += row.length;
    return lineOf(doc, made.slice(done - row.length, done));
  });
  return { ...doc, lines };
}

/** Words instead of others; without those, or without times, they have no times. */
function replaced(old, texts, sharesTime) {
  if (!texts.length) return [];
  const timed = sharesTime ? old.map(({ word }) => word).filter(placed) : [];
  const [start_s, end_s] = [timed[0]?.start_s ?? null, timed.at(-1)?.end_s ?? null];
  return splitTime({ start_s, end_s: end_s === null ? null : Math.max(start_s, end_s) }, texts).map((word) => ({
    word,
    line: old[0]?.line ?? null,
  }));
}

/** A line keeps what is known of it if all its words come from that line, and none was lost. */
function lineOf(doc, found) {
  const words = found.map(({ word }) => word);
  const from = new Set(found.map(({ line }) => line));
  const before = from.size === 1 ? doc.lines[found[0].line] : null;
  if (before?.words.length === words.length && before.words.every((word, i) => isEqual(word, words[i]))) return before;
  const { placement, ...rest } = before ?? {};
  const isSure = placement && words.every(placed);
  return { ...rest, ...(isSure && { placement }), words: inOrder(words) };
}

const isEqual = (a, b) => a.text === b.text && a.start_s === b.start_s && a.end_s === b.end_s && a.confidence === b.confidence;

/** Pairs of indices of a longest common subsequence. */
export function pairs(a, b) {
  let [begin, ends] = [0, 0];
  while (begin < Math.min(a.length, b.length) && a[begin] === b[begin]) begin += 1;
  while (ends < Math.min(a.length, b.length) - begin && a.at(-1 - ends) === b.at(-1 - ends)) ends += 1;
  const [n, m] = [a.length - begin - ends, b.length - begin - ends];
  const same = (count, i, j) => Array.from({ length: count }, (_, k) => [i + k, j + k]);
  const middle = n * m <= MAX_STEPS ? common(a.slice(begin, begin + n), b.slice(begin, begin + m)) : [];
  return [...same(begin, 0, 0), ...middle.map(([i, j]) => [begin + i, begin + j]), ...same(ends, a.length - ends, b.length - ends)];
}

function common(a, b) {
  const width = b.length + 1;
  const best = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      best[i * width + j] =
        a[i] === b[j] ? best[(i + 1) * width + j + 1] + 1 : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
  const found = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) found.push([i++, j++]);
    else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return found;
}
