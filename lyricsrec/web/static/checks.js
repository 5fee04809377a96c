// Lines and words that are to be checked: how many there are, and the way from one to the next.

import { $, setText } from "./dom.js";
import { tn } from "./i18n.js";
import { placed, problem, problems, unsurePlaces } from "./timing.js";

const AROUND_S = 0.7;

/** Show what there is to check. */
export function showChecks(doc) {
  const text = checksText(doc);
  $("#checks").hidden = !text;
  setText($("#checks-text"), text);
}

/** The unsure place after `here`, or the first one: {at, span: what to play of it, or null}; null if there is none. */
export function nextUnsure(doc, here) {
  const found = unsurePlaces(doc);
  const at = found.find(({ line, word }) => !here || line > here.line || (line === here.line && word > here.word)) ?? found[0];
  if (!at) return null;
  const sung = doc.lines[at.line].words.slice(at.word).find(placed);
  return { at, span: sung ? { from_s: Math.max(sung.start_s - AROUND_S, 0), to_s: sung.end_s + AROUND_S } : null };
}

/** The lines to check, as text; empty if there are none. */
export function checksText(doc) {
  const kinds = problems(doc).map((i) => problem(doc.lines[i]).kind);
  const unplaced = kinds.filter((kind) => kind === "unplaced").length;
  const uncertain = kinds.length - unplaced;
  const words = unsurePlaces(doc).length - kinds.length;
  return [
    unplaced && tn(unplaced, "{n} line is not placed", "{n} lines are not placed"),
    uncertain &&
      (unplaced
        ? tn(uncertain, "{n} is uncertain", "{n} are uncertain")
        : tn(uncertain, "{n} line is uncertain", "{n} lines are uncertain")),
    words && tn(words, "{n} word is unsure", "{n} words are unsure"),
  ]
    .filter(Boolean)
    .join(", ");
}
