// Lyrics that cannot be loaded: why, and another attempt.

import * as api from "./api.js";
import { $, h } from "./dom.js";
import { t } from "./i18n.js";

export function showProblem(error, again) {
  $("#lyrics").replaceChildren(
    h("p", { class: "problem", text: api.explain(error) }),
    h("p", {}, h("button", { type: "button", text: t("Try again"), onclick: again })),
  );
}
