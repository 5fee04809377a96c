// Corrections of a transcript. Every function takes a transcript and returns a new one or, where indices of words change,
// [transcript, {line, word}] with the word to select next. Times are seconds; within a line, words stay in order.

import { MIN_WORD_S, placed, typicalLength } from "./timing.js";

const CONFIRMED = { score: 1, band: "sure", reason: null };
const BANDS = ["unplaced", "doubtful", "likely", "sure"];
const round = (seconds) => Math.round(seconds * 1000) / 1000;
const clamp = (value, low, high) => Math.max(low, Math.min(value, Math.max(low, high)));
const letters = (text) => Math.max([...text].length, 1);

const withLines = (doc, at, count, ...lines) => ({ ...doc, lines: doc.lines.toSpliced(at, count, ...lines) });
const withWords = (doc, line, words) => withLines(doc, line, 1, withPlacement({ ...doc.lines[line], words }));
const unplacedWord = (text) => ({ text, start_s: null, end_s: null, confidence: 1 });

/** An unplaced line whose words all have times now was placed by the user. */
function withPlacement(line) {
  const isDone = line.placement?.band === "unplaced" && line.words.every(placed);
  return isDone ? { ...line, placement: CONFIRMED } : line;
}

/** Change the text of a word. Several words share its time in proportion to their letters; empty text deletes it. */
export function setText(doc, { line, word }, text) {
  const texts = text.split(/\s+/u).filter(Boolean);
  if (!texts.length) return deleteWord(doc, { line, word });
  const words = doc.lines[line].words;
  const parts = splitTime(words[word], texts);
  return [withWords(doc, line, words.toSpliced(word, 1, ...parts)), { line, word }];
}

/** Words for `texts` that share the time of a word. */
export function splitTime(word, texts) {
  if (!placed(word)) return texts.map(unplacedWord);
  const total = texts.reduce((sum, text) => sum + letters(text), 0);
  let done = 0;
  const timeAt = () => round(word.start_s + ((word.end_s - word.start_s) * done) / total);
  return texts.map((text) => {
    const start_s = timeAt();
    done += letters(text);
    return { text, start_s, end_s: timeAt(), confidence: 1 };
  });
}

/** Join a word with the next one of its line. */
export function joinWords(doc, { line, word }) {
  const words = doc.lines[line].words;
  const next = words[word + 1];
  if (!next) return [doc, { line, word }];
  const timed = [words[word], next].filter(placed);
  const joined = {
    text: words[word].text + next.text,
    start_s: timed[0]?.start_s ?? null,
    end_s: timed.at(-1)?.end_s ?? null,
    confidence: 1,
  };
  return [withWords(doc, line, words.toSpliced(word, 2, joined)), { line, word }];
}

/** Delete a word, and its line if that becomes empty. */
export function deleteWord(doc, { line, word }) {
  const words = doc.lines[line].words.toSpliced(word, 1);
  if (!words.length) return deleteLine(doc, line);
  return [withWords(doc, line, words), { line, word: Math.min(word, words.length - 1) }];
}

export function deleteLine(doc, line) {
  const left = withLines(doc, line, 1);
  return [left, left.lines.length ? { line: Math.min(line, left.lines.length - 1), word: 0 } : null];
}

/** Insert a word after another: in the pause after it, or else in a share of its time. */
export function insertWord(doc, { line, word }, text) {
  const words = doc.lines[line].words;
  const before = words[word];
  const next = words.slice(word + 1).find(placed);
  const at = { line, word: word + 1 };
  if (!placed(before)) return [withWords(doc, line, words.toSpliced(word + 1, 0, unplacedWord(text))), at];
  const limit = next?.start_s ?? before.end_s + typicalLength(text);
  if (limit - before.end_s >= 2 * MIN_WORD_S) {
    const end_s = round(Math.min(limit, before.end_s + typicalLength(text)));
    return [withWords(doc, line, words.toSpliced(word + 1, 0, { ...unplacedWord(text), start_s: before.end_s, end_s })), at];
  }
  const [first, second] = splitTime(before, [before.text, text]);
  return [withWords(doc, line, words.toSpliced(word, 1, { ...first, confidence: before.confidence }, second)), at];
}

/** Insert a line of words without times before the line with index `line`. */
export function insertLine(doc, line, text) {
  const words = text.split(/\s+/u).filter(Boolean).map(unplacedWord);
  return [withLines(doc, line, 0, { words }), { line, word: 0 }];
}

/** Insert a line before the line with index `line`; its words share the time from `from_s` to `to_s`. */
export function insertTimed(doc, line, text, { from_s, to_s }) {
  const whole = { text, start_s: round(from_s), end_s: round(Math.min(to_s, lastMoment(doc))), confidence: 1 };
  return [withLines(doc, line, 0, { words: splitTime(whole, text.split(/\s+/u).filter(Boolean)) }), { line, word: 0 }];
}

/** Start a new line with this word. */
export function breakLine(doc, { line, word }) {
  if (word === 0) return [doc, { line, word }];
  const { words, ...rest } = doc.lines[line];
  const halves = [words.slice(0, word), words.slice(word)].map((part) => withPlacement({ ...rest, words: part }));
  return [withLines(doc, line, 1, ...halves), { line: line + 1, word: 0 }];
}

/** Join a line with the next one; the worse of both placements is kept. */
export function joinLines(doc, line) {
  const [first, second] = [doc.lines[line], doc.lines[line + 1]];
  if (!second) return [doc, { line, word: 0 }];
  const worse = [first.placement, second.placement].filter(Boolean).sort((a, b) => BANDS.indexOf(a.band) - BANDS.indexOf(b.band))[0];
  const joined = { ...first, words: inOrder([...first.words, ...second.words]), ...(worse && { placement: worse }) };
  return [withLines(doc, line, 2, withPlacement(joined)), { line, word: first.words.length }];
}

/** Move words later that start before the previous one ends. */
export function inOrder(words, from = 0, limit = 0) {
  return words.map((word, i) => {
    if (i < from || !placed(word)) return word;
    const start_s = round(Math.max(word.start_s, limit));
    const end_s = start_s > word.start_s ? round(Math.max(word.end_s, start_s + MIN_WORD_S)) : word.end_s;
    limit = end_s;
    return { ...word, start_s, end_s };
  });
}

/** Set both times of a word. Neighbours that overlap are shortened, then moved. */
export function withTimes(doc, { line, word }, start, end) {
  const words = [...doc.lines[line].words];
  const earliest = MIN_WORD_S * words.slice(0, word).filter(placed).length;
  const start_s = round(Math.max(start, earliest));
  const end_s = round(Math.max(end, start_s + MIN_WORD_S));
  words[word] = { ...words[word], start_s, end_s };
  let limit = start_s;
  for (let i = word - 1; i >= 0; i -= 1) {
    if (!placed(words[i])) continue;
    if (words[i].end_s <= limit) break;
    words[i] = { ...words[i], start_s: round(Math.min(words[i].start_s, limit - MIN_WORD_S)), end_s: limit };
    limit = words[i].start_s;
  }
  return withWords(doc, line, inOrder(words, word + 1, end_s));
}

const wordAt = (doc, { line, word }) => doc.lines[line].words[word];
const lastMoment = (doc) => doc.duration_s || Infinity;

/** Move the start of a word; a word without times gets an estimated duration. */
export function setStart(doc, at, seconds) {
  const word = wordAt(doc, at);
  if (!placed(word)) return moveWord(doc, at, seconds);
  return withTimes(doc, at, clamp(seconds, 0, word.end_s - MIN_WORD_S), word.end_s);
}

export function setEnd(doc, at, seconds) {
  const word = wordAt(doc, at);
  const end = Math.min(seconds, lastMoment(doc));
  if (!placed(word)) return moveWord(doc, at, end - typicalLength(word.text));
  return withTimes(doc, at, word.start_s, Math.max(end, word.start_s + MIN_WORD_S));
}

/** Move a word with its duration; a word without times gets an estimated one. */
export function moveWord(doc, at, seconds) {
  const word = wordAt(doc, at);
  const length = placed(word) ? word.end_s - word.start_s : typicalLength(word.text);
  const start = clamp(seconds, 0, lastMoment(doc) - length);
  return withTimes(doc, at, start, start + length);
}

/** Move one "edge" of a word, "start", "end" or "both", by some seconds. */
export function nudge(doc, at, edge, seconds) {
  const word = wordAt(doc, at);
  if (!placed(word)) return doc;
  if (edge === "start") return setStart(doc, at, word.start_s + seconds);
  if (edge === "end") return setEnd(doc, at, word.end_s + seconds);
  return moveWord(doc, at, word.start_s + seconds);
}

/** Move the lines from index `first` to before `last`, within the song. */
export function shift(doc, seconds, first = 0, last = doc.lines.length) {
  const words = doc.lines
    .slice(first, last)
    .flatMap((line) => line.words)
    .filter(placed);
  if (!words.length) return doc;
  const room = lastMoment(doc) - Math.max(...words.map((word) => word.end_s));
  const by = clamp(seconds, -Math.min(...words.map((word) => word.start_s)), Math.max(room, 0));
  const moved = (word) => (placed(word) ? { ...word, start_s: round(word.start_s + by), end_s: round(word.end_s + by) } : word);
  const lines = doc.lines.map((line, i) => (i < first || i >= last ? line : { ...line, words: line.words.map(moved) }));
  return { ...doc, lines };
}

/** Move a line to `seconds`; if a word has no time, all get estimated durations. */
export function placeLine(doc, line, seconds) {
  const words = doc.lines[line].words;
  const begin = words.find(placed)?.start_s;
  const { placement, ...rest } = doc.lines[line];
  const checked = { ...rest, ...(placement && { placement: CONFIRMED }) };
  if (words.every(placed)) return shift(withLines(doc, line, 1, checked), seconds - begin, line, line + 1);
  const total = words.reduce((sum, word) => sum + typicalLength(word.text), 0);
  const room = nextStart(doc, line, seconds) - seconds;
  const scale = clamp(room / total, 0.4, 1);
  let at = clamp(seconds, 0, lastMoment(doc) - total * scale);
  const timed = words.map((word) => {
    const start_s = round(at);
    at += typicalLength(word.text) * scale;
    return { ...word, start_s, end_s: round(at) };
  });
  return withLines(doc, line, 1, { ...checked, words: timed });
}

/** Let a line last from one moment to another: its words keep their shares of the time, or get them by their letters. */
export function placeLineWithin(doc, line, start, end) {
  const words = doc.lines[line].words;
  const length = Math.max(end - start, MIN_WORD_S * words.length);
  const from = Math.max(Math.min(start, lastMoment(doc) - length), 0);
  const [begin, old] = [words[0].start_s, words.at(-1).end_s - words[0].start_s];
  const moved = (seconds) => round(from + ((seconds - begin) * length) / old);
  const shares = splitTime(
    { start_s: from, end_s: from + length },
    words.map((word) => word.text),
  );
  const timed = words.map((word, i) =>
    words.every(placed) && old > 0
      ? { ...word, start_s: moved(word.start_s), end_s: moved(word.end_s) }
      : { ...word, start_s: shares[i].start_s, end_s: shares[i].end_s },
  );
  return withWords(doc, line, timed);
}

function nextStart(doc, line, seconds) {
  const starts = doc.lines
    .flatMap((other, i) => (i === line ? [] : other.words.filter(placed).slice(0, 1)))
    .map((word) => word.start_s)
    .filter((start) => start > seconds);
  return Math.min(...starts, lastMoment(doc));
}

/** Mark a word as correct, and its line if that was uncertain. */
export function trust(doc, { line, word }) {
  const { words, ...rest } = doc.lines[line];
  const sure = { ...rest, words: words.with(word, { ...words[word], confidence: 1 }) };
  return withLines(doc, line, 1, rest.placement?.band === "doubtful" ? { ...sure, placement: CONFIRMED } : sure);
}

/** Mark a line as correct. */
export const trustLine = (doc, line) => withLines(doc, line, 1, { ...doc.lines[line], placement: CONFIRMED });
