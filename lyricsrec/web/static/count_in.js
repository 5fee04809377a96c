// The count-in: some clicks, with large numbers, before the song starts to play.

import { clickSound } from "./clicks.js";
import { $, h, setText } from "./dom.js";
import * as storage from "./storage.js";

const KEY = "lyricsrec.count_in";
const CLICKS = 4;
const PLAIN_BPM = 60;

/** Seconds between clicks at a tempo of the song, played at `rate`; one second if the tempo is not known. */
export const gapOf = (bpm, rate) => 60 / ((bpm || PLAIN_BPM) * rate);

export class CountIn {
  #stop = null;
  #number = h("p", { id: "count-in-number", "aria-hidden": "true", translate: "no", hidden: true });
  isOn = storage.read(KEY) === "on";
  /** Beats a minute of the song, null if not known. */
  bpm = null;

  constructor() {
    $("#song .stage").append(this.#number);
  }

  get isCounting() {
    return this.#stop !== null;
  }

  turn(isOn) {
    this.isOn = isOn;
    storage.write(KEY, isOn ? "on" : "off");
    if (!isOn) this.cancel();
  }

  /** Count, if it is on; resolves to false if it was cancelled. */
  async run(rate = 1) {
    this.cancel();
    if (!this.isOn) return true;
    const gap = gapOf(this.bpm, rate);
    const sound = clickSound(CLICKS, gap);
    sound.volume = 0.7;
    // Without sound, the numbers count all the same.
    const begun = await Promise.race([new Promise((resolve) => sound.play().then(resolve, resolve)), delay(300)]);
    const isDone = await new Promise((resolve) => this.#count(gap, resolve));
    sound.pause();
    return isDone && begun !== false;
  }

  #count(gap, resolve) {
    const began = performance.now();
    const end = (isDone) => {
      clearInterval(timer);
      this.#stop = null;
      this.#number.hidden = true;
      resolve(isDone);
    };
    const show = () => {
      const beat = Math.floor((performance.now() - began) / 1000 / gap);
      if (beat >= CLICKS) return end(true);
      this.#number.hidden = false;
      setText(this.#number, String(CLICKS - beat));
    };
    const timer = setInterval(show, 10);
    this.#stop = () => end(false);
    show();
  }

  cancel() {
    this.#stop?.();
  }
}

const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
