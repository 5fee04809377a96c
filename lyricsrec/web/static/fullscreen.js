// The lyrics alone, large: for singing. Where a browser gives no full screen (phones), they fill the page.

import { $, setText } from "./dom.js";

const IDLE_MS = 2500;

export class FullScreen {
  #button = $("#full-button");
  #song = $("#song");
  #onChange;
  #idle = 0;
  #awake = null;

  constructor(onChange) {
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.set(!this.isOn));
    document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && this.isOn) this.set(false); });
    document.addEventListener("visibilitychange", () => { if (this.isOn && !document.hidden) this.#stayAwake(); });
    for (const name of ["pointermove", "pointerdown", "keydown", "focusin"])
      document.addEventListener(name, () => { if (this.isOn) this.#wake(); }, { passive: true });
  }

  get isOn() { return document.body.classList.contains("singing"); }

  set(isOn) {
    if (isOn === this.isOn) return;
    document.body.classList.toggle("singing", isOn);
    this.#button.setAttribute("aria-pressed", String(isOn));
    setText(this.#button, isOn ? "Leave full screen" : "Full screen");
    if (isOn) {
      // It takes a moment, in which somebody may have thought better of it.
      document.documentElement.requestFullscreen?.().then(() => { if (!this.isOn) leave(); }, () => {});
      this.#stayAwake();
    } else {
      leave();
      this.#awake?.release();
      this.#awake = null;
    }
    this.#wake();
    this.#onChange();
  }

  /** Controls are there while somebody moves; then only the lyrics. */
  #wake() {
    clearTimeout(this.#idle);
    this.#song.classList.remove("idle");
    if (this.isOn) this.#idle = setTimeout(() => this.#song.classList.add("idle"), IDLE_MS);
  }

  /** The screen stays on. A phone forgets it while the page is hidden; not all browsers know it. */
  async #stayAwake() {
    try { this.#awake = await navigator.wakeLock?.request("screen") ?? null; } catch { /* It may refuse, with little battery. */ }
    if (!this.isOn) this.#awake?.release();
  }
}

function leave() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}
