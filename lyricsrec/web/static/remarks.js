// Notes on a transcript that name a time: a voice without lyrics, and text that was left out. No DOM here.

import { placed } from "./timing.js";

const GAP = /^a voice without words from ([\d:]+) to ([\d:]*\d)/u;
const DROPPED = /^([\d.]+)-([\d.]+) s: dropped "(.*)": /u;
const WARNING = "Warning: ";

const seconds = (text) => text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

/** A note as a place, {kind: "gap" or "dropped", from_s, to_s, text}, or null. */
export function placeOf(note) {
  const gap = GAP.exec(note);
  if (gap) return { kind: "gap", from_s: seconds(gap[1]), to_s: seconds(gap[2]), text: "" };
  const dropped = DROPPED.exec(note);
  return dropped && { kind: "dropped", from_s: Number(dropped[1]), to_s: Number(dropped[2]), text: dropped[3].replace(/ \.\.\.$/u, "") };
}

/** Places where no words are yet, in order of time; `line` is the index of the line that follows, the number of lines at the end. */
export function openPlaces(doc) {
  const found = (doc.notes ?? [])
    .map(placeOf)
    .filter(Boolean)
    .filter(
      ({ from_s, to_s }) =>
        !doc.lines.some((line) => line.words.some((word) => placed(word) && isWithin((word.start_s + word.end_s) / 2, from_s, to_s))),
    );
  return found.map((place) => ({ ...place, line: lineAfter(doc, place.from_s) })).sort((a, b) => a.from_s - b.from_s);
}

const isWithin = (time, from_s, to_s) => time > from_s && time < to_s;

function lineAfter({ lines }, from_s) {
  const next = lines.findIndex((line) => {
    const first = line.words.find(placed);
    return first && first.start_s >= from_s;
  });
  return next < 0 ? lines.length : next;
}

/** What puts a whole transcript in doubt, without advice on the command line; null if nothing does. */
export function warningOf(notes) {
  const found = (notes ?? []).filter((note) => note.startsWith(WARNING)).map((note) => sentence(note.slice(WARNING.length)));
  return found.join(" ") || null;
}

const sentence = (text) => {
  const first = text.split(". ")[0].replace(/\.$/u, "");
  return `${first.charAt(0).toUpperCase()}${first.slice(1)}.`;
};

/** The other notes: those that neither name a place nor are warnings. */
export const plainNotes = (notes) => (notes ?? []).filter((note) => !note.startsWith(WARNING) && !placeOf(note));
