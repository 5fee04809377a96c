// The melody in the waveform.

import { lastBegun } from "./timing.js";

/** The range of notes, [lowest, highest]; a few that were found far from all others do not count. */
export function pitchRange(notes) {
  const pitches = notes.map(({ pitch }) => pitch).sort((a, b) => a - b);
  const at = (part) => pitches[Math.round((pitches.length - 1) * part)] ?? 60;
  const [low, high] = [at(0.02), at(0.98)];
  const missing = Math.max(0, 11 - (high - low)) / 2;
  return [Math.floor(low - missing), Math.ceil(high + missing)];
}

/** A thin line of notes in `top` to `bottom` of the waveform; `view` as in `wave_drawing.js`. */
export function paintMelody(pen, { notes, from, to, x, colours }, top, bottom) {
  if (!notes.length) return;
  const [low, high] = pitchRange(notes);
  pen.fillStyle = colours.ink;
  for (let i = lastBegun(notes, to); i >= 0 && notes[i].start_s > from - 30; i -= 1) {
    const { start_s, end_s, pitch } = notes[i];
    if (end_s < from) continue;
    const part = (high - Math.max(low, Math.min(pitch, high))) / Math.max(high - low, 1);
    pen.fillRect(x(start_s), top + part * (bottom - top) - 1.5, Math.max(x(end_s) - x(start_s) - 1, 1.5), 3);
  }
}
