// The notes of the melody as bars that run towards the playhead, as in singing games, with the chord that sounds.

import { chordAt, noteName } from "./harmony.js";
import { pitchRange } from "./melody_drawing.js";
import { lastBegun } from "./timing.js";
import { palette } from "./wave_drawing.js";

const BEHIND_S = 1.5;
const AHEAD_S = 4.5;
const MARGIN = 2;
const TOP = 26;

export class PitchLane {
  #canvas;
  #notes = [];
  #range = [54, 66];
  #longest = 0;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  set notes(notes) {
    this.#notes = notes;
    this.#range = pitchRange(notes);
    this.#longest = notes.reduce((most, note) => Math.max(most, note.end_s - note.start_s), 0);
  }

  /** Draw the notes around `seconds`; `name(pitch)` and `symbol(chord)` write them, in the key that is shown. */
  tick(seconds, chords, { names, semitones, symbol }) {
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    if (!width || !height) return;
    const density = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * density)) this.#canvas.width = Math.round(width * density);
    if (this.#canvas.height !== Math.round(height * density)) this.#canvas.height = Math.round(height * density);
    const pen = this.#canvas.getContext("2d");
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, height);
    const scale = width / (BEHIND_S + AHEAD_S);
    const colours = palette(this.#canvas);
    const [low, high] = this.#range;
    const step = (height - TOP - 6) / (high - low + 2 * MARGIN);
    const view = {
      seconds,
      scale,
      colours,
      width,
      height,
      thick: Math.max(Math.min(step * 1.6, 16), 6),
      x: (time) => (time - seconds + BEHIND_S) * scale,
      y: (pitch) => TOP + (high + MARGIN - Math.max(low - 1, Math.min(pitch, high + 1))) * step,
    };
    const shown = this.#within(seconds - BEHIND_S, seconds + AHEAD_S);
    for (const [i, note] of shown.entries()) paintNote(pen, view, note, shown[i + 1]?.start_s ?? Infinity);
    pen.fillStyle = colours.ink;
    pen.fillRect(view.x(seconds) - 1, TOP - 4, 2, height - TOP);
    const now = shown.find(({ start_s, end_s }) => seconds >= start_s && seconds < end_s);
    this.#label(pen, view, { chord: chordAt(chords, seconds), note: now && noteName(now.pitch + semitones, names), symbol });
  }

  #within(from, to) {
    const shown = [];
    for (let i = lastBegun(this.#notes, to); i >= 0 && this.#notes[i].start_s >= from - this.#longest; i -= 1)
      if (this.#notes[i].end_s >= from) shown.push(this.#notes[i]);
    return shown.reverse();
  }

  #label(pen, { x, seconds, colours }, { chord, note, symbol }) {
    const text = [chord && symbol(chord), note].filter(Boolean).join("  ·  ");
    pen.font = "600 15px system-ui, sans-serif";
    pen.textBaseline = "top";
    pen.textAlign = "center";
    pen.fillStyle = colours.ink;
    pen.fillText(text, Math.max(x(seconds), pen.measureText(text).width / 2 + 8), 3);
    pen.textAlign = "start";
  }
}

/** A note: what is sung of it is filled with colour, its syllable stands above it. */
function paintNote(pen, { x, y, thick, seconds, colours }, { start_s, end_s, pitch, text }, next_s) {
  const [left, right, middle] = [x(start_s), Math.max(x(end_s) - 2, x(start_s) + 4), y(pitch)];
  const bar = (from, to) => {
    pen.beginPath();
    pen.roundRect(from, middle - thick / 2, Math.max(to - from, 1), thick, Math.min(thick / 2, (to - from) / 2));
  };
  bar(left, right);
  pen.fillStyle = colours["accent-soft"];
  pen.fill();
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 1;
  pen.stroke();
  if (seconds > start_s) {
    bar(left, Math.min(right, x(seconds)));
    pen.fillStyle = colours.accent;
    pen.fill();
  }
  if (!text || text === "~") return;
  pen.font = "13px system-ui, sans-serif";
  pen.textBaseline = "bottom";
  pen.fillStyle = colours.ink;
  pen.fillText(text, left, middle - thick / 2 - 1, Math.max(x(next_s) - left - 3, pen.measureText(text).width * 0.85));
}
