// The choice of the page's language.

import { h } from "./dom.js";
import { choose, LANGUAGES, language } from "./i18n.js";

/** Offer the languages in a `select`; a choice loads the page again. Unsaved corrections are kept as a draft. */
export function offerLanguages(select) {
  select.replaceChildren(...Object.entries(LANGUAGES).map(([code, name]) => h("option", { value: code, lang: code, text: name })));
  select.value = language;
  select.addEventListener("change", () => {
    choose(select.value);
    location.reload();
  });
}
