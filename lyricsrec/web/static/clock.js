// Times, counts and sizes as text.

import { language, t, tn } from "./i18n.js";

/** Seconds as `m:ss`, or `h:mm:ss` from one hour on, with `digits` decimals. */
export function clock(seconds, digits = 0) {
  if (!Number.isFinite(seconds)) return "–:––";
  const units = Math.round(Math.max(seconds, 0) * 10 ** digits);
  const whole = Math.floor(units / 10 ** digits);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  const text = hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  return digits ? `${text}.${String(units % 10 ** digits).padStart(digits, "0")}` : text;
}

/** Seconds in words, for screen readers. */
export function inWords(seconds) {
  const whole = Math.round(Math.max(seconds, 0));
  const minutes = Math.floor(whole / 60);
  const rest = tn(whole % 60, "{n} second", "{n} seconds");
  return minutes ? `${tn(minutes, "{n} minute", "{n} minutes")} ${rest}` : rest;
}

/** A number of bytes as "4.2 MB". */
export function size(bytes) {
  const units = [t("bytes"), "kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 3);
  const value = bytes / 1000 ** power;
  return `${decimal(value, power && value < 100 ? 1 : 0)} ${units[power]}`;
}

const decimal = (value, digits) =>
  new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** Seconds between ticks of the ruler, at least `gap` pixels apart. */
export const tickStep = (pixelsPerSecond, gap = 70) =>
  [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300].find((step) => step * pixelsPerSecond >= gap) ?? 600;
