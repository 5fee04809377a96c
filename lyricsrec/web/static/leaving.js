// Leaving a song whose corrections are not saved.

import { ask } from "./dialogs.js";
import { t } from "./i18n.js";

/** Ask what to do with unsaved corrections; false if the user stays here. */
export async function mayLeave(editor) {
  if (!editor.corrections?.isDirty) return true;
  const answer = await ask(t("Save your corrections?"), t("They are not saved yet."), [
    { value: "save", label: t("Save"), kind: "main" },
    { value: "drop", label: t("Discard"), kind: "danger" },
    { value: null, label: t("Stay here") },
  ]);
  if (answer === "drop") editor.corrections.discard();
  return answer === "save" ? editor.save() : answer === "drop";
}
