// Repeats one line, for learning it or timing its words.

import { placed } from "./timing.js";

const BEFORE_S = 0.4;
const AFTER_S = 0.3;

export class LineLoop {
  /** Index of the repeated line, or null. */
  line = null;

  /** {from_s, to_s} of the repeated line in `doc`; null if none is repeated, or it has no times. */
  span(doc) {
    const words = doc?.lines[this.line]?.words.filter(placed) ?? [];
    if (!words.length) return null;
    const end_s = words.at(-1).end_s;
    const next_s = doc.lines[this.line + 1]?.words.find(placed)?.start_s ?? Infinity;
    return { from_s: Math.max(words[0].start_s - BEFORE_S, 0), to_s: Math.max(end_s, Math.min(end_s + AFTER_S, next_s)) };
  }

  /** The time to jump to when playback has reached `seconds`, or null. */
  back(doc, seconds, isEnded) {
    const span = this.span(doc);
    return span && (isEnded || seconds >= span.to_s) ? span.from_s : null;
  }
}
