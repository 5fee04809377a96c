// A text field in place of a word.

import { h } from "./dom.js";
import { t } from "./i18n.js";

/** Replace `button` by a text field. `done(text, way)` gets the new text, null if it is unchanged or was cancelled; `way` is "next" or
 * "previous" after Tab, "stay" after Enter and Escape, "leave" when the focus went elsewhere. */
export function editInPlace(button, done, { caret = null, isNew = false } = {}) {
  const text = isNew ? "" : button.textContent;
  const field = h("input", {
    class: "inline",
    dir: "auto",
    "aria-label": t("Text of the word"),
    size: Math.max(text.length, 2),
    autocapitalize: "off",
    autocomplete: "off",
    spellcheck: "false",
  });
  field.value = text;
  let isDone = false;
  const end = (isKept, way = "stay") => {
    if (isDone) return;
    isDone = true;
    const changed = isKept && field.value.trim() !== text ? field.value : null;
    field.replaceWith(button);
    done(changed, way);
  };
  field.addEventListener("input", () => {
    field.size = Math.max(field.value.length, 2);
  });
  field.addEventListener("blur", () => end(true, "leave"));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      end(true);
    }
    if (event.key === "Escape") {
      event.preventDefault();
      end(false);
    }
    if (event.key === "Tab") {
      event.preventDefault();
      end(true, event.shiftKey ? "previous" : "next");
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      end(true);
      field.dispatchEvent(event);
    }
  });
  button.replaceWith(field);
  field.focus();
  if (caret === null) field.select();
  else field.setSelectionRange(caret, caret);
}
