// Corrections that were saved elsewhere meanwhile: which version is kept?

import { ask } from "./dialogs.js";
import { t } from "./i18n.js";

/** Ask, and do what is answered: {answer, isSaved: whether the user's own version or the other one is now on the server and shown}. */
export async function resolveConflict(corrections) {
  const answer = await ask(
    t("These lyrics were changed elsewhere"),
    t("Another window or program has saved corrections since you opened this song. Only one version can be kept."),
    [
      { value: "overwrite", label: t("Keep mine"), kind: "danger" },
      { value: "reload", label: t("Use theirs") },
      { value: null, label: t("Not now") },
    ],
  );
  if (answer === "overwrite") return { answer, isSaved: await corrections.save({ force: true }) };
  if (answer === "reload") await corrections.reload();
  return { answer, isSaved: answer === "reload" };
}
