// Chords over the lines. They are generated content, so that words keep their texts.

import { h } from "./dom.js";

export class ChordMarks {
  #made = [];

  /** Put `places` (see `chordPlaces`), written by `name(symbol)`, over `rows`, the elements of the lines; without places, none. */
  show(rows, places, name) {
    for (const { element, undo } of this.#made) undo(element);
    this.#made = [];
    if (!places) return;
    for (const [i, row] of rows.entries()) this.#mark(row, places[i], name);
  }

  #mark(row, { over, before }, name) {
    for (const [i, symbols] of over.entries()) {
      const word = row.wordButtons[i];
      if (!symbols.length || !word) continue;
      const text = symbols.map(name).join(" ");
      word.dataset.chord = text;
      word.style.setProperty("--chord", text.length + 1);
      this.#keep(word, unmark);
    }
    if (over.some((symbols) => symbols.length)) {
      row.classList.add("chorded");
      this.#keep(row, (element) => element.classList.remove("chorded"));
    }
    if (before.length) {
      const between = h("p", { class: "between", text: before.map(name).join("  ") });
      row.prepend(between);
      this.#keep(between, (element) => element.remove());
    }
  }

  #keep(element, undo) {
    this.#made.push({ element, undo });
  }
}

function unmark(word) {
  delete word.dataset.chord;
  word.style.removeProperty("--chord");
}
