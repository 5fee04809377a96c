// A word's text, changed where it stands.

import { h } from "./dom.js";

/** Put a field in the place of `button`. `done(text, goesOn)` hears the new text, null when nothing changed; `goesOn` after Tab. */
export function editInPlace(button, done, caret = null) {
  const text = button.textContent;
  const field = h("input", { class: "inline", dir: "auto", "aria-label": "Text of the word", size: Math.max(text.length, 2),
    autocapitalize: "off", autocomplete: "off", spellcheck: "false" });
  field.value = text;
  let isOver = false;
  const end = (isKept, goesOn = false) => {
    if (isOver) return;
    isOver = true;
    const changed = isKept && field.value.trim() !== text ? field.value : null;
    field.replaceWith(button);
    done(changed, goesOn);
  };
  field.addEventListener("input", () => { field.size = Math.max(field.value.length, 2); });
  field.addEventListener("blur", () => end(true));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter") { event.preventDefault(); end(true); }
    if (event.key === "Escape") { event.preventDefault(); end(false); }
    if (event.key === "Tab" && !event.shiftKey) { event.preventDefault(); end(true, true); }
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); end(true); field.dispatchEvent(event); }
  });
  button.replaceWith(field);
  field.focus();
  if (caret === null) field.select();
  else field.setSelectionRange(caret, caret);
}
