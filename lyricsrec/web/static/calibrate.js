// The delay of taps: how much later than a sound the taps on it arrive. Kept in this browser.

import { clickSound } from "./clicks.js";
import { $, h, setText } from "./dom.js";
import { t, tn } from "./i18n.js";
import * as storage from "./storage.js";

const KEY = "lyricsrec.tap_latency";
const CLICKS = 16;
const GAP_S = 0.6;
const ENOUGH = 6;
/** The first clicks are for finding the beat. */
const SKIPPED = 3;

/** The delay in milliseconds. */
export const latency = () => Number(storage.read(KEY) ?? 0) || 0;
export const setLatency = (ms) => storage.write(KEY, String(Math.round(ms)));

/** The median delay in milliseconds of taps (seconds of the sound) after the nearest of clicks `gap` seconds apart; null for too few. */
export function delayOf(taps, gap, skipped = SKIPPED) {
  const late = taps
    .filter((seconds) => seconds > (skipped - 0.5) * gap)
    .map((seconds) => seconds - Math.round(seconds / gap) * gap)
    .sort((a, b) => a - b);
  if (late.length < ENOUGH) return null;
  const middle = late.length >> 1;
  const median = late.length % 2 ? late[middle] : (late[middle - 1] + late[middle]) / 2;
  return Math.round(median * 1000);
}

/** Measure the delay with clicks to tap along with; resolves to milliseconds, or null if that was given up. */
export function calibrate() {
  const { dialog, pad, state, again, use } = makeDialog();
  let [sound, taps, found] = [null, [], null];
  const start = () => {
    sound?.pause();
    [sound, taps, found] = [clickSound(CLICKS, GAP_S), [], null];
    use.disabled = true;
    setText(state, t("Tap with every click …"));
    sound.play().catch(() => setText(state, t("The clicks could not be played.")));
  };
  const tap = (event) => {
    if (sound && !sound.paused) taps.push(sound.currentTime - (performance.now() - event.timeStamp) / 1000);
    found = delayOf(taps, GAP_S);
    use.disabled = found === null;
    if (found === null) return setText(state, tn(taps.length, "One tap", "{n} taps"));
    setText(state, t("Your taps arrive {n} ms after the clicks.", { n: found }));
  };
  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    tap(event);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.matches("#delay-use, #delay-cancel, #delay-again")) return;
    event.preventDefault();
    if (!event.repeat) tap(event);
  });
  again.addEventListener("click", () => {
    start();
    pad.focus();
  });
  return new Promise((resolve) => {
    use.addEventListener("click", () => {
      setLatency(found);
      dialog.close("use");
    });
    dialog.addEventListener("close", () => {
      sound?.pause();
      dialog.remove();
      resolve(dialog.returnValue === "use" ? found : null);
    });
    $("body").append(dialog);
    dialog.showModal();
    pad.focus();
    start();
  });
}

function makeDialog() {
  const button = (id, text, kind = "") => h("button", { type: "button", id, class: kind, text });
  const parts = {
    pad: button("delay-pad", t("Tap here, or press Space"), "tap-pad"),
    state: h("p", { role: "status", class: "quiet" }),
    again: button("delay-again", t("Start again")),
    use: button("delay-use", t("Use this"), "main"),
  };
  const cancel = button("delay-cancel", t("Cancel"));
  parts.dialog = h(
    "dialog",
    { id: "delay", "aria-labelledby": "delay-title" },
    h("h2", { id: "delay-title", text: t("Delay of taps") }),
    h("p", {
      class: "quiet",
      text: t("Tap along with the clicks, as you would with a song. Wireless headphones and some screens add a delay."),
    }),
    parts.pad,
    parts.state,
    h("p", { class: "actions" }, parts.use, parts.again, cancel),
  );
  cancel.addEventListener("click", () => parts.dialog.close());
  return parts;
}
