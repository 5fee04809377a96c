// Draws the waveform: ruler, bars, words or, when zoomed out, lines.

import { clock, tickStep } from "./clock.js";
import { paintMarks } from "./loop_drawing.js";
import { isSame, lastBegun, problem, wordsWithin } from "./timing.js";

const RULER = 18;
const LABELS = 30;

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
  if (view.loop) paintLoop(pen, view);
  paintRuler(pen, view);
  if (view.peaks) paintSound(pen, view);
  if (view.marks) paintMarks(pen, view);
  if (view.scale < LINES_BELOW_SCALE) paintLines(pen, view);
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
function paintSound(pen, { width, height, from, scale, peaks: { hop_s: hop, peaks }, colours }) {
  const room = height - RULER - LABELS;
  const middle = RULER + room / 2;
  const bar = 3;
  pen.fillStyle = colours.wave;
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
function box(pen, view, item, text, { fill, stroke, ink, until = item.end_s }) {
  const { height, colours } = view;
  const [left, right] = [view.x(item.start_s), view.x(item.end_s)];
  const [wide, room] = [Math.max(right - left - 1, 2), view.x(Math.max(until, item.end_s)) - left - 1];
  pen.beginPath();
  pen.roundRect(left, height - LABELS + 4, wide, LABELS - 8, Math.min(5, wide / 2));
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
  pen.rect(left, height - LABELS, ink ? wide : room, LABELS);
  pen.clip();
  pen.fillStyle = ink ?? colours.ink;
  pen.font = "13px system-ui, sans-serif";
  pen.textBaseline = "middle";
  // The beginning of a long line stays readable while part of the line is visible.
  pen.fillText(text, Math.max(left, 0) + 5, height - LABELS / 2 + 0.5);
  pen.restore();
}

function paintWords(pen, view) {
  const { words, from, to, longest, colours, chosen, height, doc, isEditing } = view;
  const seen = wordsWithin(words, from, to, longest);
  for (const [i, word] of seen.entries()) {
    const until = seen[i + 1]?.start_s ?? word.end_s + 1;
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
        ? { fill: colours.accent, ink: isWide ? colours.raised : null, until }
        : { fill: needsCheck ? colours.raised : colours["accent-soft"], stroke: needsCheck ? colours.doubt : null, until },
    );
  }
}

/** The selected word spans the full height and has handles. */
function paintChosen(pen, { x, height, colours }, word) {
  const [left, right] = [x(word.start_s), x(word.end_s)];
  pen.save();
  pen.globalAlpha = 0.14;
  pen.fillStyle = colours.accent;
  pen.fillRect(left, RULER, right - left, height - RULER - LABELS);
  pen.restore();
  pen.fillStyle = colours.accent;
  for (const edge of [left, right]) {
    pen.fillRect(edge - 1, RULER, 2, height - RULER - LABELS + 4);
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
