// Chords and notes as text, in any key, and the places of chords over the words. No DOM here.

import { placed } from "./timing.js";

const SHARPS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const FLATS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];
const TONICS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
/** Major keys that are written with flats; minor keys are written as the major keys three semitones above. */
const FLAT_MAJOR = new Set(["F", "Bb", "Eb", "Ab", "Db"]);
/** A chord that changes so shortly before the end of a word belongs to the next one. */
const EARLY_S = 0.25;

const wrap = (n) => ((n % 12) + 12) % 12;

/** The pitch class of a name such as Bb, 0 for C. */
export const pitchClass = (name) =>
  wrap(SHARPS.indexOf(name[0]) + [...name.slice(1)].reduce((sum, sign) => sum + (sign === "#" ? 1 : -1), 0));

/** A key {tonic, mode}, `semitones` higher. */
export const transposeKey = (key, semitones) => ({ ...key, tonic: TONICS[wrap(pitchClass(key.tonic) + semitones)] });

/** Names of the pitch classes, with sharps or flats as music in this key is written; sharps without one. */
export function namesIn(key) {
  if (!key) return SHARPS;
  const major = key.mode === "major" ? key.tonic : transposeKey(key, 3).tonic;
  return FLAT_MAJOR.has(major) ? FLATS : SHARPS;
}

/** A chord symbol such as Am7 or C/E, `semitones` higher; its root and bass by their names in `names`. */
export function transposeChord(symbol, semitones, names) {
  if (!wrap(semitones)) return symbol;
  return symbol.replace(/^[A-G][#b]*|(?<=\/)[A-G][#b]*$/gu, (name) => names[wrap(pitchClass(name) + semitones)]);
}

/** The name of a MIDI number with its octave, such as C4 for 60. */
export const noteName = (pitch, names) => `${names[wrap(pitch)]}${Math.floor(pitch / 12) - 1}`;

/** The chord that sounds at `seconds`, or null. */
export const chordAt = (chords, seconds) => chords.find(({ start_s, end_s }) => seconds >= start_s && seconds < end_s)?.symbol ?? null;

/** For each line of `doc`: {over: [symbols of each word], before: [symbols between it and the line before]}. A chord that sounds
 * through several lines stands over each of them. */
export function chordPlaces(doc, chords) {
  const lines = doc.lines.map(({ words }) => ({ words, timed: words.filter(placed) }));
  const places = lines.map(({ words }) => ({ over: words.map(() => []), before: [] }));
  const inOrder = lines.map((line, i) => ({ ...line, i })).filter(({ timed }) => timed.length);
  inOrder.sort((a, b) => a.timed[0].start_s - b.timed[0].start_s);
  for (const { start_s, end_s, symbol } of chords) {
    if (!symbol) continue;
    const sung = inOrder.filter(({ timed }) => timed[0].start_s < end_s && endOf(timed) > start_s);
    for (const { words, timed, i } of sung) {
      const word = timed.find((one) => one.end_s - Math.min(EARLY_S, (one.end_s - one.start_s) / 2) > start_s);
      if (word && word.start_s < end_s) places[i].over[words.indexOf(word)].push(symbol);
    }
    const next = inOrder.find(({ timed }) => timed[0].start_s >= end_s);
    if (!sung.length && next) places[next.i].before.push(symbol);
  }
  return places;
}

const endOf = (timed) => Math.max(...timed.map((word) => word.end_s));
