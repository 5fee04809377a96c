// Beside the player: the loop between two marks, the count-in, and tapping along.

import { CountIn } from "./count_in.js";
import { $, announce, h } from "./dom.js";
import { t } from "./i18n.js";
import { FreeLoop } from "./loop.js";
import { Tapping } from "./tapping.js";

export class Practice {
  #on;
  #loop = new FreeLoop();
  #countIn = new CountIn();
  #buttons;

  /** `on.player`, `on.wave`, `on.onLoop()` (a loop was set), and what `Tapping` needs: `on.corrections()`, `on.at()`, `on.select(at)`,
   * `on.onChange()`. */
  constructor(on) {
    this.#on = on;
    this.tapping = new Tapping({ ...on, start: () => this.#start(), cancel: () => this.#countIn.cancel() });
    on.player.addEventListener("tempo", (event) => {
      this.bpm = event.detail;
    });
    on.player.onStart = () => this.#start();
    this.#buttons = makeButtons();
    const { a, b, clear, countIn } = this.#buttons;
    $("#loop").after(h("span", { class: "ab", role: "group", "aria-label": t("Loop") }, a, b, clear), countIn);
    for (const [name, button] of Object.entries({ a, b })) button.addEventListener("click", () => this.mark(name));
    clear.addEventListener("click", () => this.clear());
    countIn.addEventListener("click", () => {
      this.#countIn.turn(!this.#countIn.isOn);
      this.#draw();
    });
    $("#tap-button").addEventListener("click", () => this.tapping.open());
    this.#draw();
  }

  /** Beats a minute of the song for the count-in, if they are known. */
  set bpm(bpm) {
    this.#countIn.bpm = bpm;
  }

  /** Keys for the shortcuts of the page. */
  get letters() {
    return { 1: () => this.mark("a"), 2: () => this.mark("b"), 0: () => this.clear() };
  }

  /** Play after the count-in; false if that was cancelled. */
  async #start() {
    if (this.#countIn.isCounting) {
      this.#countIn.cancel();
      return false;
    }
    if (!(await this.#countIn.run(this.#on.player.rate))) return false;
    this.#on.player.play();
    return true;
  }

  close() {
    this.#countIn.cancel();
    this.tapping.close();
    this.clear();
    this.bpm = null;
  }

  /** Close or clear what is open; false if there was nothing. */
  escape() {
    if (this.#countIn.isCounting) this.#countIn.cancel();
    else if (!this.#loop.isEmpty) this.clear();
    else return false;
    return true;
  }

  /** Set the mark "a" or "b" to the playhead. */
  mark(name) {
    this.#loop.set(name, this.#on.player.time);
    if (this.#loop.span) this.#on.onLoop();
    if (this.#loop.span && name === "b") this.#on.player.seek(this.#loop.span.from_s, { isRepeat: true });
    announce(this.#loop.span ? t("The part between A and B is repeated") : t("Mark {name} is set", { name: name.toUpperCase() }));
    this.#draw();
  }

  clear() {
    this.#loop.clear();
    this.#draw();
  }

  #draw() {
    const { a, b, clear, countIn } = this.#buttons;
    a.setAttribute("aria-pressed", String(this.#loop.a !== null));
    b.setAttribute("aria-pressed", String(this.#loop.b !== null));
    clear.hidden = this.#loop.isEmpty;
    countIn.setAttribute("aria-pressed", String(this.#countIn.isOn));
    this.#on.wave.marks = { a: this.#loop.a, b: this.#loop.b };
  }

  /** Go back to A when playback arrives at B. */
  repeat(isEnded = false) {
    const { player } = this.#on;
    const to = this.#loop.back(player.time, isEnded);
    if (to === null) return;
    player.seek(to, { isRepeat: true });
    if (isEnded) player.play();
  }
}

function makeButtons() {
  const button = (id, text, label, title) => h("button", { type: "button", class: "small", id, text, "aria-label": label, title });
  return {
    a: button("loop-a", "A", t("Repeat from here"), "1"),
    b: button("loop-b", "B", t("Repeat up to here"), "2"),
    clear: button("loop-clear", "×", t("Stop repeating"), "0"),
    countIn: button("count-in", t("Count-in"), null, t("Four clicks before the song starts to play")),
  };
}
