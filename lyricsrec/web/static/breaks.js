// Breaks: a strip above the next line shows how long the break is, and counts down to the line.

import { clock } from "./clock.js";
import { h, setText } from "./dom.js";
import { breaks } from "./timing.js";

export class Breaks {
  #all = [];
  #current = null;

  /** Put a strip above each line after a break; `rows` are the elements of all lines, `lines` those of `timedLines`. */
  show(rows, lines) {
    for (const { strip } of this.#all) strip.remove();
    this.#current = null;
    this.#all = breaks(lines).map(({ line, from_s, to_s }) => {
      const strip = h("p", { class: "break", "aria-hidden": "true" }, h("i"), h("span"));
      rows[line].prepend(strip);
      return { strip, from_s, to_s };
    });
    this.#all.forEach(showLength);
  }

  tick(seconds) {
    const now = this.#all.find(({ from_s, to_s }) => seconds >= from_s && seconds < to_s) ?? null;
    if (this.#current && this.#current !== now) showLength(this.#current);
    this.#current = now;
    if (!now) return;
    now.strip.classList.add("on");
    now.strip.classList.toggle("soon", now.to_s - seconds <= 3);
    now.strip.style.setProperty("--part", ((seconds - now.from_s) / (now.to_s - now.from_s)).toFixed(3));
    const left_s = Math.ceil(now.to_s - seconds);
    setText(now.strip.lastChild, left_s < 10 ? String(left_s) : clock(left_s));
  }
}

/** Show the length of a break that is not current. */
function showLength({ strip, from_s, to_s }) {
  strip.classList.remove("on", "soon");
  strip.style.removeProperty("--part");
  setText(strip.lastChild, clock(to_s - from_s));
}
