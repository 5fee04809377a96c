// Large lyrics on the full screen, for singing. In browsers without full screen (phones), they fill the page.

import { $, setText } from "./dom.js";
import { t } from "./i18n.js";

const IDLE_MS = 2500;
const SETTLED_MS = [150, 600];

export class FullScreen {
  #button = $("#full-button");
  #song = $("#song");
  #onChange;
  #idle = 0;
  #wakeLock = null;

  constructor(onChange) {
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.set(!this.isOn));
    document.addEventListener("fullscreenchange", () => {
      if (!document.fullscreenElement && this.isOn) this.set(false);
      else this.#settle();
    });
    document.addEventListener("visibilitychange", () => {
      if (this.isOn && !document.hidden) this.#keepScreenOn();
    });
    for (const name of ["pointermove", "pointerdown", "keydown", "focusin"])
      document.addEventListener(
        name,
        () => {
          if (this.isOn) this.#showControls();
        },
        { passive: true },
      );
  }

  get isOn() {
    return document.body.classList.contains("full");
  }

  set(isOn) {
    if (isOn === this.isOn) return;
    document.body.classList.toggle("full", isOn);
    this.layOut();
    this.#button.setAttribute("aria-pressed", String(isOn));
    setText(this.#button, isOn ? t("Leave full screen") : t("Full screen"));
    if (isOn) {
      // Entering takes a moment, in which the user may have left again.
      document.documentElement.requestFullscreen?.().then(
        () => {
          if (!this.isOn) leave();
        },
        () => {},
      );
      this.#keepScreenOn();
    } else {
      leave();
      this.#wakeLock?.release();
      this.#wakeLock = null;
    }
    this.#showControls();
    this.#settle();
  }

  /** Tell of a change now and later: lines turn out higher than estimated. */
  #settle() {
    this.#onChange();
    for (const ms of SETTLED_MS) setTimeout(() => this.#onChange(), ms);
  }

  /** Large lyrics, unless they are being corrected. */
  layOut() {
    document.body.classList.toggle("singing", this.isOn && !this.#song.classList.contains("editing"));
  }

  /** Show the controls; hide them when there was no input for a while. */
  #showControls() {
    clearTimeout(this.#idle);
    this.#song.classList.remove("idle");
    if (this.isOn) this.#idle = setTimeout(() => this.#song.classList.add("idle"), IDLE_MS);
  }

  /** Keep the screen on. Phones release the lock while the page is hidden; some browsers do not support it. */
  async #keepScreenOn() {
    try {
      this.#wakeLock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      /* Refused, for instance with a low battery. */
    }
    if (!this.isOn) this.#wakeLock?.release();
  }
}

function leave() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}
