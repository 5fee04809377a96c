// Repeats one line, for learning it or timing its words.

import { $ } from "./dom.js";
import { placed } from "./timing.js";

const BEFORE_S = 0.4;
const AFTER_S = 0.3;

export class LineLoop {
  /** Index of the repeated line, or null. */
  line = null;
  #on;

  /** `on.player`, `on.wave`; `on.doc()`, the line that would be repeated, `on.line()`, and that at a time, `on.lineAt(seconds)`;
   * `on.onSet()` is called when a line is to be repeated. */
  constructor(on) {
    this.#on = on;
    $("#loop").addEventListener("click", () => this.set(this.line === null ? on.line() : null));
    on.player.addEventListener("seek", () => this.#move());
  }

  set(line) {
    this.line = line;
    if (line !== null) this.#on.onSet();
    $("#loop").setAttribute("aria-pressed", String(line !== null));
    if (line !== null && !this.#span()) return this.set(null);
    this.show();
  }

  /** Show the repeated line in the waveform. */
  show() {
    this.#on.wave.loop = this.#span();
  }

  /** Jump back to the start of the repeated line at its end. */
  repeat(isEnded = false) {
    const { player } = this.#on;
    const to = this.#back(player.time, isEnded);
    if (to === null) return;
    player.seek(to, { isRepeat: true });
    if (isEnded) player.play();
  }

  /** After a seek, repeat the line at the new time. */
  #move() {
    if (this.line === null) return;
    const span = this.#span();
    const { time } = this.#on.player;
    if (!span || time < span.from_s || time >= span.to_s) this.set(this.#on.lineAt(time));
  }

  /** {from_s, to_s} of the repeated line; null if none is repeated, or it has no times. */
  #span() {
    const doc = this.#on.doc();
    const words = doc?.lines[this.line]?.words.filter(placed) ?? [];
    if (!words.length) return null;
    const end_s = words.at(-1).end_s;
    const next_s = doc.lines[this.line + 1]?.words.find(placed)?.start_s ?? Infinity;
    return { from_s: Math.max(words[0].start_s - BEFORE_S, 0), to_s: Math.max(end_s, Math.min(end_s + AFTER_S, next_s)) };
  }

  /** The time to jump to when playback has reached `seconds`, or null. */
  #back(seconds, isEnded) {
    const span = this.#span();
    return span && (isEnded || seconds >= span.to_s) ? span.from_s : null;
  }
}
