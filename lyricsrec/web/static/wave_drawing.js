// Draws the waveform: ruler, bars, words or, when zoomed out, lines.

import { clock, tickStep } from "./clock.js";
import { rowsFor } from "./label_rows.js";
import { paintMarks } from "./loop_drawing.js";
import { paintMelody } from "./melody_drawing.js";
import { paintSpectrogram } from "./spectrogram.js";
import { isSame, lastBegun, problem, wordsWithin } from "./timing.js";

const RULER = 18;

/** Below this scale (pixels a second), lines are drawn instead of words. */
export const LINES_BELOW_SCALE = 30;

/** The colours of the page for the canvas. */
export function palette(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    ["ink", "quiet", "rule", "wave", "accent", "accent-soft", "doubt", "raised"].map((name) => [
      name,
      style.getPropertyValue(`--${name}`).trim(),
    ]),
  );
}

export function paint(pen, view) {
  pen.clearRect(0, 0, view.width, view.height);
  view.to = view.from + view.width / view.scale;
  view.x = (seconds) => (seconds - view.from) * view.scale;
  const isLines = view.scale < LINES_BELOW_SCALE;
  view.rows = rowsFor(isLines ? [] : view.words, view.scale);
  view.labels = view.rows.count * view.rows.height;
  if (view.loop) paintLoop(pen, view);
  paintRuler(pen, view);
  if (view.spectrogram) paintSpectrogram(pen, view, RULER, view.height - view.labels);
  else if (view.peaks) paintSound(pen, view, view.peaks, view.colours.wave);
  if (view.voice) paintSound(pen, view, view.voice, view.colours.accent);
  paintMelody(pen, view, RULER + 6, view.height - view.labels - 6);
  if (view.marks) paintMarks(pen, view);
  if (isLines) paintLines(pen, view);
  else paintWords(pen, view);
}

/** Shade the repeated time span. */
function paintLoop(pen, { x, height, loop, colours }) {
  pen.fillStyle = colours["accent-soft"];
  pen.globalAlpha = 0.55;
  pen.fillRect(x(loop.from_s), 0, x(loop.to_s) - x(loop.from_s), height);
  pen.globalAlpha = 1;
}

function paintRuler(pen, { from, to, scale, duration, colours, x }) {
  const step = tickStep(scale);
  pen.font = "11px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (let n = Math.ceil(from / step); n * step <= Math.min(to, duration); n += 1) {
    pen.fillStyle = colours.rule;
    pen.fillRect(Math.round(x(n * step)), 0, 1, RULER);
    pen.fillStyle = colours.quiet;
    pen.fillText(clock(n * step, step < 1 ? 1 : 0), x(n * step) + 4, RULER / 2);
  }
}

/** One bar every 3 px, as high as the largest peak in it. */
function paintSound(pen, { width, height, from, scale, labels }, { hop_s: hop, peaks }, colour) {
  const room = height - RULER - labels;
  const middle = RULER + room / 2;
  const bar = 3;
  pen.fillStyle = colour;
  // Bars have fixed times, so that they do not flicker while scrolling.
  const first = Math.floor((from * scale) / bar);
  for (let n = first; n * bar <= from * scale + width; n += 1) {
    const [begin, end] = [(n * bar) / scale / hop, ((n + 1) * bar) / scale / hop];
    if (begin >= peaks.length) break;
    const loud = end - begin >= 1 ? loudest(peaks, begin, end) : between(peaks, begin);
    const high = Math.max(loud * room * 0.94, 1.5);
    pen.fillRect(n * bar - from * scale, middle - high / 2, bar - 1, high);
  }
}

function loudest(peaks, begin, end) {
  let most = 0;
  for (let i = Math.floor(begin); i < Math.min(end, peaks.length); i += 1) most = Math.max(most, peaks[i]);
  return most;
}

function between(peaks, at) {
  const [i, part] = [Math.floor(at), at % 1];
  return peaks[i] * (1 - part) + (peaks[i + 1] ?? peaks[i]) * part;
}

/** A word or line at its time; its text may extend to `until`, the start of the next one. */
function box(pen, view, item, text, { fill, stroke, ink, until = item.end_s, row = 0 }) {
  const { height, colours, rows, labels } = view;
  const top = height - labels + row * rows.height;
  const [left, right] = [view.x(item.start_s), view.x(item.end_s)];
  const [wide, room] = [Math.max(right - left - 1, 2), view.x(Math.max(until, item.end_s)) - left - 1];
  pen.beginPath();
  pen.roundRect(left, top + 3, wide, rows.height - 6, Math.min(5, wide / 2));
  pen.fillStyle = fill;
  pen.fill();
  if (stroke) {
    pen.strokeStyle = stroke;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
  if (room < 12) return;
  pen.save();
  pen.beginPath();
  pen.rect(left, top, ink ? wide : room, rows.height);
  pen.clip();
  pen.fillStyle = ink ?? colours.ink;
  pen.font = "13px system-ui, sans-serif";
  pen.textBaseline = "middle";
  // The beginning of a long line stays readable while part of the line is visible.
  pen.fillText(text, Math.max(left, 0) + 5, top + rows.height / 2 + 0.5);
  pen.restore();
}

function paintWords(pen, view) {
  const { words, from, to, longest, colours, chosen, height, doc, isEditing, rows } = view;
  const seen = wordsWithin(words, from, to, longest);
  const first = words.indexOf(seen[0]);
  for (const [i, word] of seen.entries()) {
    const until = seen[i + rows.count]?.start_s ?? word.end_s + 1;
    const row = (first + i) % rows.count;
    const isChosen = isEditing && isSame(word, chosen);
    const needsCheck = Boolean(problem(doc.lines[word.line]));
    if (word.word === 0) {
      pen.fillStyle = needsCheck ? colours.doubt : colours.accent;
      pen.fillRect(view.x(word.start_s) - 1, RULER, 1.5, height - RULER - 4);
    }
    if (isChosen) paintChosen(pen, view, word);
    const isWide = (word.end_s - word.start_s) * view.scale > 36;
    box(
      pen,
      view,
      word,
      word.text,
      isChosen
        ? { fill: colours.accent, ink: isWide ? colours.raised : null, until, row }
        : { fill: needsCheck ? colours.raised : colours["accent-soft"], stroke: needsCheck ? colours.doubt : null, until, row },
    );
  }
}

/** The selected word spans the full height and has handles. */
function paintChosen(pen, { x, height, colours, labels }, word) {
  const [left, right] = [x(word.start_s), x(word.end_s)];
  pen.save();
  pen.globalAlpha = 0.14;
  pen.fillStyle = colours.accent;
  pen.fillRect(left, RULER, right - left, height - RULER - labels);
  pen.restore();
  pen.fillStyle = colours.accent;
  for (const edge of [left, right]) {
    pen.fillRect(edge - 1, RULER, 2, height - RULER - labels + 4);
    pen.beginPath();
    pen.arc(edge, RULER + 7, 5, 0, 2 * Math.PI);
    pen.fill();
  }
}

function paintLines(pen, view) {
  const { lines, doc, from, to, colours } = view;
  for (let i = lastBegun(lines, to); i >= 0 && lines[i].start_s > from - 120; i -= 1) {
    if (lines[i].end_s < from) continue;
    const line = doc.lines[lines[i].line];
    const needsCheck = Boolean(problem(line));
    box(pen, view, lines[i], line.words.map((word) => word.text).join(" "), {
      fill: needsCheck ? colours.raised : colours["accent-soft"],
      stroke: needsCheck ? colours.doubt : null,
    });
  }
}
