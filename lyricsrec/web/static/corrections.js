// Somebody's corrections of one transcript: what was done, what is saved.

import * as api from "./api.js";
import * as drafts from "./drafts.js";
import { History } from "./history.js";
import { toDocument } from "./words.js";

const KEEP_MS = 300;

export class Corrections {
  #history;
  #preview = null;
  #keeping = 0;
  #isSaving = false;
  isRestored = false;

  constructor(id, { revision, edited, transcript }) {
    this.id = id;
    this.#take({ revision, edited, transcript });
  }

  /** With the draft that was left unsaved, as one step that can be undone: see `isRestored`. */
  static async load(id) {
    const corrections = new Corrections(id, await api.transcript(id));
    const draft = drafts.find(id);
    if (draft) {
      corrections.revision = draft.revision;
      corrections.apply(draft.doc, null);
      corrections.isRestored = true;
    }
    return corrections;
  }

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
    this.#keepSoon();
  }

  #keepSoon() {
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.keepDraft(), KEEP_MS);
  }

  /** Keep what is not saved, for the case that this page ends. */
  keepDraft() {
    clearTimeout(this.#keeping);
    if (this.isDirty) drafts.keep(this.id, { revision: this.revision, doc: this.base });
    else drafts.drop(this.id);
  }

  /** What is not saved is not wanted. */
  discard() {
    clearTimeout(this.#keeping);
    drafts.drop(this.id);
  }

  /** Show something that is not done yet, such as a word that is being dragged. */
  try(doc) { this.#preview = doc; }
  /** Do what was tried. */
  keep(at) { if (this.#preview) this.apply(this.#preview, at); }

  undo() { const { at } = this.#history.present; this.#history.undo(); this.#keepSoon(); return at; }
  redo() { this.#keepSoon(); return this.#history.redo().at; }

  /** Save; false when somebody else saved meanwhile. With `force` theirs is overwritten. */
  async save({ force = false } = {}) {
    const step = this.#history.present;
    this.#isSaving = true;
    try {
      if (force) this.revision = (await api.transcript(this.id)).revision;
      const { revision } = await api.save(this.id, this.revision, toDocument(step.doc));
      [this.revision, this.edited] = [revision, true];
      this.#history.markSaved(step);
      this.keepDraft();
      return true;
    } catch (error) {
      if (error.status !== 409) throw error;
      return false;
    } finally {
      this.#isSaving = false;
    }
  }

  async reload() {
    this.#take(await api.transcript(this.id));
    this.discard();
  }

  /** Take what somebody else saved as `revision`; false where that is no news, or would cost what is not saved here. */
  async catchUp(revision) {
    const isNews = () => revision > this.revision && !this.isDirty && !this.#isSaving && !this.#preview;
    if (!isNews()) return false;
    const found = await api.transcript(this.id);
    if (!isNews()) return false;
    this.#take(found);
    return true;
  }

  /** Back to what the machine found. */
  async revert() {
    await api.revert(this.id);
    await this.reload();
  }
}
