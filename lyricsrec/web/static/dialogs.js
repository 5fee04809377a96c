// Modal questions.

import { $, h } from "./dom.js";
import { t } from "./i18n.js";

/** Ask a question; resolves to the `value` of the pressed button of `choices` ({value, label, kind}), null if dismissed. */
export function ask(title, text, choices) {
  const dialog = $("#ask");
  $("#ask-title").textContent = title;
  $("#ask-text").textContent = text;
  return new Promise((resolve) => {
    const close = (value) => {
      dialog.close();
      resolve(value);
    };
    $("#ask-actions").replaceChildren(
      ...choices.map(({ value, label, kind = "" }) =>
        h("button", { type: "button", class: kind, text: label, autofocus: value === null, onclick: () => close(value) }),
      ),
    );
    dialog.oncancel = () => resolve(null);
    dialog.showModal();
  });
}

/** Ask for confirmation of something that cannot be undone. */
export const confirmed = async (title, text, label) =>
  (await ask(title, text, [
    { value: true, label, kind: "danger" },
    { value: null, label: t("Keep") },
  ])) === true;
