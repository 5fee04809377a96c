// Undo and redo. Steps are values that never change, so a history is a list of them.

export class History {
  #steps;
  #now = 0;
  #saved;

  /** `step` is the first state and counts as saved. */
  constructor(step) {
    this.#steps = [step];
    this.#saved = step;
  }

  get present() { return this.#steps[this.#now]; }
  get canUndo() { return this.#now > 0; }
  get canRedo() { return this.#now < this.#steps.length - 1; }
  get isDirty() { return this.present !== this.#saved; }

  /** Go on to `step`; steps that were undone are gone. With the `key` of the step before, they are one step. */
  push(step, key = null) {
    const before = this.#steps[this.#now];
    const joins = key !== null && before.key === key && this.#now > 0 && before !== this.#saved;
    this.#steps.length = joins ? this.#now : this.#now + 1;
    this.#steps.push({ ...step, key });
    this.#now = this.#steps.length - 1;
  }

  undo() { if (this.canUndo) this.#now -= 1; return this.present; }
  redo() { if (this.canRedo) this.#now += 1; return this.present; }

  /** What was saved; without an argument, the present. */
  markSaved(step = this.present) { this.#saved = step; }
}
