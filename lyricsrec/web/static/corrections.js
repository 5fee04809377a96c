// The corrections of one transcript: undo history, saving, drafts.

import * as api from "./api.js";
import * as drafts from "./drafts.js";
import { History } from "./history.js";
import { toDocument } from "./timing.js";

const DRAFT_DELAY_MS = 300;

export class Corrections {
  #history;
  #preview = null;
  #draftTimer = 0;
  #isSaving = false;
  #marked = null;
  isRestored = false;

  constructor(id, { revision, edited, transcript }) {
    this.id = id;
    this.#start({ revision, edited, transcript });
  }

  /** Load a transcript and apply an unsaved draft as one step that can be undone (`isRestored`). */
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

  #start({ revision, edited, transcript }) {
    [this.revision, this.edited] = [revision, edited];
    this.#history = new History({ doc: transcript, at: null });
  }

  /** The current transcript, including the preview. */
  get doc() {
    return this.#preview ?? this.#history.present.doc;
  }
  /** The current transcript without the preview. */
  get base() {
    return this.#history.present.doc;
  }
  get isDirty() {
    return this.#history.isDirty;
  }
  get canUndo() {
    return this.#history.canUndo;
  }
  get canRedo() {
    return this.#history.canRedo;
  }

  /** Apply one step; `at` is the word to return to on undo, and consecutive steps with the same `key` are joined. */
  apply(doc, at, key = null) {
    this.#preview = null;
    if (doc !== this.base) this.#history.push({ doc, at }, key);
    this.#keepDraftSoon();
  }

  #keepDraftSoon() {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => this.keepDraft(), DRAFT_DELAY_MS);
  }

  /** Store unsaved corrections in this browser, in case the page is closed. */
  keepDraft() {
    clearTimeout(this.#draftTimer);
    if (this.isDirty) drafts.keep(this.id, { revision: this.revision, doc: this.base });
    else drafts.drop(this.id);
  }

  /** Discard the stored draft. */
  discard() {
    clearTimeout(this.#draftTimer);
    drafts.drop(this.id);
  }

  /** Show a preview, such as a word that is being dragged. */
  preview(doc) {
    this.#preview = doc;
  }
  /** Apply the preview. */
  commitPreview(at) {
    if (this.#preview) this.apply(this.#preview, at);
  }

  /** Note the word to return to if the next step is taken back. */
  mark(at) {
    this.#marked = at;
  }
  /** Undo the last step for good; returns the marked word. */
  takeBack() {
    this.#history.drop();
    this.#keepDraftSoon();
    return this.#marked;
  }

  undo() {
    const { at } = this.#history.present;
    this.#history.undo();
    this.#keepDraftSoon();
    return at;
  }
  redo() {
    this.#keepDraftSoon();
    return this.#history.redo().at;
  }

  /** Save; false if someone else has saved meanwhile, unless `force` overwrites that version. */
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
    this.#start(await api.transcript(this.id));
    this.discard();
  }

  /** Load the version that someone else saved as `revision`; false if it is not new, or unsaved corrections would be lost. */
  async catchUp(revision) {
    const isNewer = () => revision > this.revision && !this.isDirty && !this.#isSaving && !this.#preview;
    if (!isNewer()) return false;
    const loaded = await api.transcript(this.id);
    if (!isNewer()) return false;
    this.#start(loaded);
    return true;
  }

  /** Discard all corrections, including saved ones. */
  async revert() {
    await api.revert(this.id);
    await this.reload();
  }
}
