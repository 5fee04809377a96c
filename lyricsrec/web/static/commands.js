// The commands of the editor by name, their keys, and the list of all shortcuts. No DOM here.

import * as edits from "./edits.js";
import { t } from "./i18n.js";

/** Each takes (transcript, {line, word}, playhead in seconds) and returns [transcript, the word to select next]. */
export const COMMANDS = {
  join: edits.joinWords,
  delete: edits.deleteWord,
  break: edits.breakLine,
  glue: (doc, at) => (at.line ? edits.joinLines(doc, at.line - 1) : [doc, at]),
  starthere: (doc, at, now) => [edits.setStart(doc, at, now), at],
  endhere: (doc, at, now) => [edits.setEnd(doc, at, now), at],
  tap: (doc, at, now) => [edits.moveWord(doc, at, now), after(doc, at)],
  place: (doc, at, now) => [edits.placeLine(doc, at.line, now), at],
  trust: (doc, at) => [edits.trust(doc, at), at],
};

/** The next word, also across lines. */
export function after({ lines }, { line, word }) {
  if (word + 1 < lines[line].words.length) return { line, word: word + 1 };
  return line + 1 < lines.length ? { line: line + 1, word: 0 } : { line, word };
}

/** Where to go after the word `at` was edited: "next", "previous", or the word itself; the edit may have split or deleted it. */
export function beside(before, { lines }, { line, word }, way) {
  if (!lines.length) return null;
  const isGone = lines.length < before.lines.length;
  const grown = isGone ? -word - 1 : lines[line].words.length - before.lines[line].words.length;
  const last = lines.length - 1;
  if (line > last) return { line: last, word: lines[last].words.length - 1 };
  const wanted = { next: word + 1 + grown, previous: word - 1 }[way] ?? word;
  if (wanted < 0) return line > 0 ? { line: line - 1, word: lines[line - 1].words.length - 1 } : { line: 0, word: 0 };
  const { length } = lines[line].words;
  if (wanted < length) return { line, word: wanted };
  return way === "next" && line < last ? { line: line + 1, word: 0 } : { line, word: length - 1 };
}

/** Keys that move times of the selected word: edge and seconds; ten times as far with Shift. */
export const NUDGES = {
  q: ["both", -0.01],
  w: ["both", 0.01],
  a: ["start", -0.01],
  s: ["start", 0.01],
  d: ["end", -0.01],
  c: ["end", 0.01],
};

/** Keys for the selected word. */
export const WORD_KEYS = {
  Enter: "edit",
  F2: "edit",
  x: "split",
  j: "join",
  i: "insert",
  Delete: "delete",
  Backspace: "delete",
  b: "break",
  g: "glue",
  l: "line",
  t: "tap",
  p: "place",
  y: "trust",
  ",": "starthere",
  ".": "endhere",
};

/** The shortcuts that the help lists. */
export const HELP = [
  [
    t("Everywhere"),
    [
      ["Space", t("play or pause, wherever the focus is")],
      ["← →", t("5 s back or forward; in the lyrics: previous or next word")],
      ["↑ ↓", t("in the lyrics: line above or below")],
      ["Enter", t("on a word: play from there")],
      ["M", t("mute or unmute the vocals")],
      ["R", t("repeat this line on or off")],
      ["1 2", t("repeat from here, up to here; 0 or Esc clears it")],
      ["F", t("full screen, for singing")],
      ["E", t("correct, or done")],
      ["N", t("next unsure place: it is played, to accept (Y) or to fix")],
    ],
  ],
  [
    t("On a word, in Correct mode"),
    [
      ["Enter", t("change its text; a space splits it, empty text deletes it; Tab goes to the next, Shift Tab to the one before")],
      ["X", t("split it")],
      ["J", t("join it with the next")],
      ["I", t("insert a word after it")],
      ["Delete", t("delete it")],
      ["B", t("start a new line with it")],
      ["G", t("join its line with the one above")],
      ["L", t("add a line below")],
      ["T", t("tap: set its start to now, go to the next word")],
      ["Shift T", t("tap to sync: Space marks word after word")],
      [", .", t("set start, end to now")],
      ["A S", t("start 10 ms earlier, later")],
      ["D C", t("end 10 ms earlier, later")],
      ["Q W", t("whole word 10 ms earlier, later")],
      ["Shift", t("with these six: 100 ms")],
      ["P", t("place its line at the playhead")],
      ["Y", t("mark it as correct")],
      ["Shift Delete", t("delete its line, or the chosen lines")],
      ["Shift ↑ ↓", t("choose several lines")],
      ["Ctrl H", t("find and replace")],
      ["Ctrl Z", t("undo")],
      ["Ctrl Shift Z", t("redo")],
      ["Ctrl S", t("save")],
    ],
  ],
];
