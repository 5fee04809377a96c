// The keys of the view of a song. Each key has one meaning; Space plays and pauses everywhere but in text fields.

import { letterShortcuts } from "./help.js";

const JUMP_S = 5;
const TEXT = "input:not([type=radio], [type=range], [type=checkbox]), textarea";
const CONTROL = "button:not(.word), a, input, select, summary";

export class Shortcuts {
  #on;
  #isSpaceDown = false;

  /** `on.isOpen()`, `on.editor`; `on.escape()` says whether it used the key; `on.toggle()`, `on.jump(seconds)`; `on.letters`:
   * functions by key. */
  constructor(on) {
    this.#on = on;
    document.addEventListener("keydown", (event) => {
      if (this.#isMeant(event) && this.#down(event)) event.preventDefault();
    });
    document.addEventListener("keyup", (event) => {
      // A button is pressed when Space is released.
      if (event.key === " " && this.#isSpaceDown) event.preventDefault();
      if (event.key === " ") this.#isSpaceDown = false;
    });
  }

  #isMeant(event) {
    return this.#on.isOpen() && !event.defaultPrevented && !document.querySelector("dialog[open]");
  }

  /** Handle a key; true if it was used. */
  #down(event) {
    const { target, key } = event;
    const isCommand = event.ctrlKey || event.metaKey;
    if (key === "Escape") return this.#on.escape();
    const { editor } = this.#on;
    if (isCommand && editor.isOpen && commandOf(event)) {
      editor.run(commandOf(event));
      return true;
    }
    if (isCommand || event.altKey || target.matches(TEXT)) return false;
    if (key === " ") return this.#space(event);
    if (target.matches("select")) return false;
    const isWord = target.matches(".word");
    if (editor.isOpen && isWord && editor.key(event, letterShortcuts())) return true;
    const jump = { ArrowLeft: -JUMP_S, ArrowRight: JUMP_S }[key];
    if (jump && !isWord && !target.matches("input")) this.#on.jump(jump);
    else if (letterShortcuts() && this.#on.letters[key]) this.#on.letters[key]();
    else return false;
    return true;
  }

  /** Without shortcuts (for screen readers and voice control), Space presses the control that has the focus. */
  #space(event) {
    if (!letterShortcuts() && event.target.matches(CONTROL)) return false;
    this.#isSpaceDown = true;
    if (!event.repeat) this.#on.toggle();
    return true;
  }
}

const commandOf = (event) => ({ z: event.shiftKey ? "redo" : "undo", y: "redo", s: "save", h: "replace" })[event.key.toLowerCase()];
