// Undo and redo: a list of immutable states.

export class History {
  #steps;
  #index = 0;
  #saved;

  /** `step` is the first state, which counts as saved. */
  constructor(step) {
    this.#steps = [step];
    this.#saved = step;
  }

  get present() {
    return this.#steps[this.#index];
  }
  get canUndo() {
    return this.#index > 0;
  }
  get canRedo() {
    return this.#index < this.#steps.length - 1;
  }
  get isDirty() {
    return this.present !== this.#saved;
  }

  /** Append `step` and drop undone ones. If it has the same `key` as the step before, it replaces that. */
  push(step, key = null) {
    const before = this.#steps[this.#index];
    const joins = key !== null && before.key === key && this.#index > 0 && before !== this.#saved;
    this.#steps.length = joins ? this.#index : this.#index + 1;
    this.#steps.push({ ...step, key });
    this.#index = this.#steps.length - 1;
  }

  undo() {
    if (this.canUndo) this.#index -= 1;
    return this.present;
  }
  redo() {
    if (this.canRedo) this.#index += 1;
    return this.present;
  }

  /** Undo the last step for good. */
  drop() {
    if (this.#index > 0) this.#index -= 1;
    this.#steps.length = this.#index + 1;
    return this.present;
  }

  /** Mark a step as saved, by default the current one. */
  markSaved(step = this.present) {
    this.#saved = step;
  }
}
