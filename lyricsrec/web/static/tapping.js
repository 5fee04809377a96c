// The panel for tapping along: Space, or a finger on the large button, marks words or lines while the song plays.

import { calibrate, latency, setLatency } from "./calibrate.js";
import { $, announce, h, setText } from "./dom.js";
import { t, tn } from "./i18n.js";
import * as storage from "./storage.js";
import { Pass, startOf } from "./tap.js";

const UNIT = "lyricsrec.tap_unit";
const LEAD_S = 2;
const FREE_KEYS = new Set(["Tab", "Shift", "Control", "Alt", "Meta"]);

export class Tapping {
  #on;
  #pass = null;
  #passes = 0;
  #isDown = false;
  /** What the last pass has done. */
  #result = null;
  #parts;

  /** `on.corrections()`, `on.at()`, `on.select(at)`, `on.player`, `on.start()` (plays, after a count-in) and
   * `on.cancel()` (the count-in), `on.onChange()`. */
  constructor(on) {
    this.#on = on;
    this.#parts = makePanel();
    $("#editor").append(this.#parts.panel);
    const { pad, done, back, unit, delay, measure } = this.#parts;
    done.addEventListener("click", () => this.close());
    back.addEventListener("click", () => this.#back());
    unit.value = storage.read(UNIT) ?? "word";
    unit.addEventListener("change", () => {
      storage.write(UNIT, unit.value);
      this.#finish();
      this.#draw();
    });
    delay.value = latency();
    delay.addEventListener("change", () => setLatency(delay.valueAsNumber || 0));
    measure.addEventListener("click", async () => {
      this.stop();
      const found = await calibrate();
      if (found !== null) delay.value = found;
      pad.focus();
    });
    pad.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      pad.setPointerCapture(event.pointerId);
      this.#press(event);
    });
    for (const name of ["pointerup", "pointercancel"]) pad.addEventListener(name, (event) => this.#release(event));
    // Before the shortcuts of the page, for which Space plays and pauses.
    document.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    document.addEventListener("keyup", (event) => {
      if (event.key !== " " || !this.#isDown) return;
      event.preventDefault();
      this.#release(event);
    });
    on.player.addEventListener("ended", () => this.#finish());
    // Not after the end of a pass, which says how many words were marked.
    on.player.addEventListener("pause", () => this.#isRunning && this.#draw());
  }

  get isOpen() {
    return $("#song").classList.contains("tapping");
  }

  open() {
    if (!this.#on.at()) return;
    $("#song").classList.add("tapping");
    this.#result = null;
    this.#parts.panel.hidden = false;
    $("#editor").scrollTop = 0;
    this.#on.player.pause();
    this.#draw();
    this.#parts.pad.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.stop();
    $("#song").classList.remove("tapping");
    this.#parts.panel.hidden = true;
    this.#on.onChange();
    $("#tap-button").focus();
  }

  /** Stop the song; what was marked stays, as one step. */
  stop() {
    this.#on.cancel();
    this.#on.player.pause();
    this.#finish();
  }

  get #isRunning() {
    return this.#pass !== null;
  }

  #key(event) {
    if (!this.isOpen || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const { key, target } = event;
    if (target.matches("input, select") && key !== "Escape") return;
    if (FREE_KEYS.has(key) || (!this.#isRunning && !["Escape", " "].includes(key))) return;
    event.preventDefault();
    if (key === "Escape") return this.#isRunning ? this.stop() : this.close();
    if (event.repeat) return;
    if (key === " ") {
      this.#press(event);
      this.#isDown = true;
    } else if (key === "Backspace") this.#back();
  }

  /** The time of the song at an event, less the delay of taps. */
  #timeOf(event) {
    const { time, rate } = this.#on.player;
    return time - ((performance.now() - event.timeStamp + latency()) / 1000) * rate;
  }

  #press(event) {
    if (!this.#on.player.isPlaying) return this.#start();
    this.#pass ??= this.#begin();
    if (!this.#pass) return;
    this.#pass.press(this.#timeOf(event));
    this.#apply();
  }

  #release(event) {
    this.#isDown = false;
    if (!this.#pass?.isHeld) return;
    this.#pass.release(this.#timeOf(event));
    this.#apply();
    if (!this.#pass.next) this.stop();
  }

  /** Play from before the chosen word, or go on after a pause. */
  async #start() {
    const { player } = this.#on;
    this.#pass ??= this.#begin();
    const { doc, next, count } = this.#pass ?? {};
    if (next && !count) player.seek(startOf(doc, next, LEAD_S, player.time));
    this.#draw();
    if (!(await this.#on.start())) this.#finish();
  }

  #begin() {
    const at = this.#on.at();
    if (!at) return null;
    this.#passes += 1;
    return new Pass(this.#on.corrections().base, at, this.#parts.unit.value);
  }

  #apply() {
    const pass = this.#pass;
    const at = pass.next ?? pass.last;
    this.#on.corrections().apply(pass.applied(), pass.from, `tap ${this.#passes}`);
    this.#on.onChange();
    this.#on.select(at);
    this.#draw();
  }

  /** Take the last mark back, and play again from shortly before it. */
  #back() {
    const seconds = this.#pass?.back() ?? null;
    if (seconds === null) return;
    if (this.#pass.count) this.#apply();
    else {
      this.#on.corrections().takeBack();
      this.#on.onChange();
      this.#on.select(this.#pass.from);
    }
    this.#on.player.seek(seconds - LEAD_S);
    this.#draw();
  }

  #finish() {
    const pass = this.#pass;
    if (!pass) return;
    this.#pass = null;
    const { time } = this.#on.player;
    if (pass.isHeld) {
      pass.release(time);
      this.#on.corrections().apply(pass.applied(), pass.from, `tap ${this.#passes}`);
      this.#on.onChange();
    }
    this.#result = null;
    this.#draw();
    const text =
      pass.unit === "line"
        ? tn(pass.count, "One line was marked. Undo takes the pass back.", "{n} lines were marked. Undo takes the pass back.")
        : tn(pass.count, "One word was marked. Undo takes the pass back.", "{n} words were marked. Undo takes the pass back.");
    if (!pass.count) return;
    this.#result = text;
    this.#draw();
    announce(text);
  }

  #draw() {
    if (!this.isOpen) return;
    const { doc } = this.#on.corrections();
    const { word, rest, state, back } = this.#parts;
    const at = this.#pass ? this.#pass.next : this.#on.at();
    const words = at ? doc.lines[at.line].words.map(({ text }) => text) : [];
    const isLine = this.#parts.unit.value === "line";
    setText(word, at ? (isLine ? words.join(" ") : words[at.word]) : t("All are marked"));
    setText(
      rest,
      at ? (isLine ? textOf(doc.lines[at.line + 1]) : words.slice(at.word + 1).join(" ") || textOf(doc.lines[at.line + 1])) : "",
    );
    setText(
      state,
      this.#isRunning ? t("Press when it begins, hold while it is sung") : (this.#result ?? t("Space, or a tap here, starts")),
    );
    back.disabled = !this.#pass?.count;
  }

  /** The chosen word changed. */
  update() {
    if (!this.#isRunning) this.#draw();
  }
}

const textOf = (line) => line?.words.map(({ text }) => text).join(" ") ?? "";

function makePanel() {
  const parts = {
    word: h("b", { class: "tap-word", dir: "auto", translate: "no" }),
    rest: h("span", { class: "tap-rest", dir: "auto", translate: "no" }),
    state: h("span", { class: "tap-state", role: "status" }),
    done: h("button", { type: "button", class: "main", id: "tap-done", text: t("Done") }),
    back: h("button", { type: "button", id: "tap-back", text: t("One back"), title: t("Backspace") }),
    unit: h(
      "select",
      { id: "tap-unit" },
      h("option", { value: "word", text: t("every word") }),
      h("option", { value: "line", text: t("every line") }),
    ),
    delay: h("input", { type: "number", id: "tap-latency", step: "10", min: "-500", max: "1000", inputmode: "numeric" }),
    measure: h("button", { type: "button", class: "small", id: "tap-measure", text: t("Measure …") }),
  };
  parts.pad = h("button", { type: "button", id: "tap-pad", "aria-label": t("Tap") }, parts.word, parts.rest);
  parts.panel = h(
    "section",
    { id: "tap-panel", "aria-labelledby": "tap-title", hidden: true },
    h("p", { class: "tap-head" }, h("b", { id: "tap-title", text: t("Tap to sync") }), parts.back, parts.done),
    parts.pad,
    h("p", { class: "tap-state-line quiet" }, parts.state),
    h("p", { class: "tap-settings" }, h("label", { text: `${t("Mark")} ` }, parts.unit)),
    h(
      "p",
      { class: "tap-settings" },
      h("label", { text: `${t("Delay of taps")} ` }, parts.delay),
      h("span", { text: "ms" }),
      parts.measure,
    ),
    h("p", {
      class: "quiet",
      text: t("Taps begin at the chosen word. A short tap lasts until the next one. Backspace takes the last one back, Esc stops."),
    }),
  );
  return parts;
}
