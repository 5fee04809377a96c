// Where the labels of words go in the waveform: in one row, or in two where many would hide each other. No DOM here.

const LETTER_PX = 7;
const MARGIN_PX = 10;
const CROWDED = 0.2;

const ONE = { count: 1, height: 30 };
const TWO = { count: 2, height: 25 };

let known = { words: null };

/** {count, height} of the rows for words in order of time, at a scale in pixels a second. */
export function rowsFor(words, scale) {
  if (known.words !== words || known.scale !== scale) known = { words, scale, rows: isCrowded(words, scale) ? TWO : ONE };
  return known.rows;
}

/** Whether many words have less room until the next one than their text needs. */
export function isCrowded(words, scale) {
  const narrow = words.filter((word, i) => {
    const room = ((words[i + 1]?.start_s ?? Infinity) - word.start_s) * scale;
    return room < [...word.text].length * LETTER_PX + MARGIN_PX;
  });
  return narrow.length > words.length * CROWDED;
}
