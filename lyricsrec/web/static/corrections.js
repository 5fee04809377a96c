// Somebody's corrections of one transcript: what was done, what is saved.

import * as api from "./api.js";
import { History } from "./history.js";
import { toDocument } from "./words.js";

export class Corrections {
  #history;
  #preview = null;

  constructor(id, { revision, edited, transcript }) {
    this.id = id;
    this.#take({ revision, edited, transcript });
  }

  static async load(id) { return new Corrections(id, await api.transcript(id)); }

  #take({ revision, edited, transcript }) {
    [this.revision, this.edited] = [revision, edited];
    this.#history = new History({ doc: transcript, at: null });
  }

  /** The transcript as it is now, with what is only tried. */
  get doc() { return this.#preview ?? this.#history.present.doc; }
  /** The transcript without what is only tried. */
  get base() { return this.#history.present.doc; }
  get isDirty() { return this.#history.isDirty; }
  get canUndo() { return this.#history.canUndo; }
  get canRedo() { return this.#history.canRedo; }

  /** Do one step; `at` is the word to come back to, `key` joins steps of one kind. */
  apply(doc, at, key = null) {
    this.#preview = null;
    if (doc !== this.base) this.#history.push({ doc, at }, key);
  }

  /** Show something that is not done yet, such as a word that is being dragged. */
  try(doc) { this.#preview = doc; }
  /** Do what was tried. */
  keep(at) { if (this.#preview) this.apply(this.#preview, at); }

  undo() { const { at } = this.#history.present; this.#history.undo(); return at; }
  redo() { return this.#history.redo().at; }

  /** Save; false when somebody else saved meanwhile. With `force` theirs is overwritten. */
  async save({ force = false } = {}) {
    const step = this.#history.present;
    if (force) this.revision = (await api.transcript(this.id)).revision;
    try {
      const { revision } = await api.save(this.id, this.revision, toDocument(step.doc));
      [this.revision, this.edited] = [revision, true];
      this.#history.markSaved(step);
      return true;
    } catch (error) {
      if (error.status !== 409) throw error;
      return false;
    }
  }

  async reload() { this.#take(await api.transcript(this.id)); }

  /** Back to what the machine found. */
  async revert() {
    await api.revert(this.id);
    await this.reload();
  }
}
