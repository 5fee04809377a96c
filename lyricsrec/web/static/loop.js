// A free loop between two marks, A and B. No DOM here.

const MIN_LOOP_S = 0.2;
const JUMP_S = 1;

export class FreeLoop {
  a = null;
  b = null;
  #before = 0;

  /** {from_s, to_s} between the marks; null unless both are set. */
  get span() {
    return this.a === null || this.b === null ? null : { from_s: this.a, to_s: this.b };
  }
  get isEmpty() {
    return this.a === null && this.b === null;
  }

  /** Set the mark "a" or "b"; the other one goes if the two are not in order. */
  set(mark, seconds) {
    this[mark] = seconds;
    const other = mark === "a" ? "b" : "a";
    if (this.span && this.b - this.a < MIN_LOOP_S) this[other] = null;
  }

  clear() {
    [this.a, this.b] = [null, null];
  }

  /** The time to jump to when playback arrives at `seconds`, or null; who seeks beyond the loop plays on from there. */
  back(seconds, isEnded = false) {
    const before = this.#before;
    this.#before = seconds;
    const { span } = this;
    if (!span) return null;
    const isCrossed = before < span.to_s && seconds >= span.to_s && seconds - before < JUMP_S;
    return isCrossed || isEnded ? span.from_s : null;
  }
}
