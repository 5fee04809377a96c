// What can be done to a word or its line, by name; and which keys do it. No DOM here.

import * as edits from "./edits.js";

/** Each takes (transcript, {line, word}, the playhead's seconds) and returns [transcript, the place to go on at]. */
export const COMMANDS = {
  join: edits.joinWords,
  delete: edits.deleteWord,
  break: edits.breakLine,
  glue: (doc, at) => (at.line ? edits.joinLines(doc, at.line - 1) : [doc, at]),
  starthere: (doc, at, now) => [edits.setStart(doc, at, now), at],
  endhere: (doc, at, now) => [edits.setEnd(doc, at, now), at],
  tap: (doc, at, now) => [edits.moveWord(doc, at, now), after(doc, at)],
  place: (doc, at, now) => [edits.placeLine(doc, at.line, now), at],
  trust: (doc, at) => [edits.trustLine(doc, at.line), at],
};

/** The word after this one, in the next line after the last. */
export function after({ lines }, { line, word }) {
  if (word + 1 < lines[line].words.length) return { line, word: word + 1 };
  return line + 1 < lines.length ? { line: line + 1, word: 0 } : { line, word };
}

/** Keys that move times of the chosen word: edge and seconds; with Shift ten times as far. */
export const NUDGES = {
  q: ["both", -0.01], w: ["both", 0.01], a: ["start", -0.01], s: ["start", 0.01], d: ["end", -0.01], f: ["end", 0.01],
};

/** Keys on the chosen word. */
export const WORD_KEYS = {
  Enter: "edit", F2: "edit", x: "split", j: "join", i: "insert", Delete: "delete", Backspace: "delete", b: "break", g: "glue",
  l: "line", t: "tap", p: "place", y: "trust", ",": "starthere", ".": "endhere",
};

/** What the help shows. */
export const HELP = [
  ["Everywhere", [["Space", "play, pause"], ["← →", "5 s back, on; in the lyrics: the word before, after"], ["↑ ↓", "in the lyrics: the line above, below"],
    ["Enter", "on a word: hear it"], ["M", "mute the voice, or not"], ["R", "repeat this line, or not"], ["F", "full screen, to sing"], ["E", "correct, or only listen"], ["N", "next line that needs a look"]]],
  ["On a word, while correcting", [["Enter", "change its text; a space splits it, no text deletes it; Tab goes on to the next"], ["X", "split it"],
    ["J", "join it with the next"], ["I", "insert a word after it"], ["Delete", "delete it"], ["B", "begin a new line with it"],
    ["G", "join its line with the one above"], ["L", "add a line below"], ["T", "tap: it starts now; then the next word"],
    [", .", "starts now, ends now"], ["A S", "start 10 ms earlier, later"], ["D F", "end 10 ms earlier, later"],
    ["Q W", "all of it 10 ms earlier, later"], ["Shift", "with these six: 100 ms"], ["P", "place its line at the playhead"],
    ["Y", "its line is right as it is"], ["Ctrl Z", "undo"], ["Ctrl Shift Z", "redo"], ["Ctrl S", "save"]]],
];
