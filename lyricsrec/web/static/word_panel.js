// What the correction panel shows: whether there is something to save, and the selected word.

import { clock } from "./clock.js";
import { $, setText } from "./dom.js";
import { t } from "./i18n.js";
import { isUnsure, placed, problem, problemText, unsureBelow } from "./timing.js";

export function showWord(doc, at) {
  const line = doc.lines[at.line];
  const word = line.words[at.word];
  const trouble = problem(line);
  const values = { n: at.line + 1, total: doc.lines.length, confidence: word.confidence?.toFixed(2) };
  const note = word.confidence === null ? t("line {n} of {total}", values) : t("line {n} of {total}, confidence {confidence}", values);
  setText($("#word-name"), word.text);
  setText($("#word-note"), note);
  setText($("#start-time"), clock(word.start_s ?? NaN, 3));
  setText($("#end-time"), clock(word.end_s ?? NaN, 3));
  setText($("#line-problem"), trouble ? `${problemText(trouble)}.` : t("This word may be wrong."));
  const isDoubtful = line.placement?.band === "doubtful" && line.words.every(placed);
  const isOdd = isUnsure(word, unsureBelow(doc));
  $("#line-tools").hidden = !trouble && !isOdd;
  $("#line-tools [data-command=place]").hidden = !trouble;
  $("[data-command=trust]").hidden = !isDoubtful && !isOdd;
  $("[data-command=join]").disabled = at.word + 1 >= line.words.length;
  $("[data-command=break]").disabled = at.word === 0;
  $("[data-command=glue]").disabled = at.line === 0;
}

/** `status` is what has just happened, or empty. */
export function showState(corrections, status) {
  const { canUndo, canRedo, isDirty, edited } = corrections;
  $("#editor [data-command=undo]").disabled = !canUndo;
  $("#editor [data-command=redo]").disabled = !canRedo;
  $("#editor [data-command=save]").disabled = !isDirty;
  $("#revert").hidden = !edited;
  setText($("#save-state"), status || (isDirty ? t("Unsaved changes") : edited ? t("Saved") : t("No changes")));
  $("#save-state").classList.toggle("dirty", isDirty);
}
