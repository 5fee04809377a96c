// Breaks: a strip above the line that ends one says how long it is, and counts down to it.

import { clock } from "./clock.js";
import { h, setText } from "./dom.js";
import { breaks } from "./words.js";

export class Breaks {
  #all = [];
  #on = null;

  /** Put strips above the lines (`rows`, elements) that end a break of `lines` (of `timedLines`). */
  show(rows, lines) {
    for (const { strip } of this.#all) strip.remove();
    this.#on = null;
    this.#all = breaks(lines).map(({ line, from_s, to_s }) => {
      const strip = h("p", { class: "break", "aria-hidden": "true" }, h("i"), h("span"));
      rows[line].prepend(strip);
      return { strip, from_s, to_s };
    });
    this.#all.forEach(rest);
  }

  tick(seconds) {
    const now = this.#all.find(({ from_s, to_s }) => seconds >= from_s && seconds < to_s) ?? null;
    if (this.#on && this.#on !== now) rest(this.#on);
    this.#on = now;
    if (!now) return;
    now.strip.classList.add("on");
    now.strip.classList.toggle("soon", now.to_s - seconds <= 3);
    now.strip.style.setProperty("--part", ((seconds - now.from_s) / (now.to_s - now.from_s)).toFixed(3));
    const left_s = Math.ceil(now.to_s - seconds);
    setText(now.strip.lastChild, left_s < 10 ? String(left_s) : clock(left_s));
  }
}

/** A strip whose break is not now: how long it is. */
function rest({ strip, from_s, to_s }) {
  strip.classList.remove("on", "soon");
  strip.style.removeProperty("--part");
  setText(strip.lastChild, clock(to_s - from_s));
}
