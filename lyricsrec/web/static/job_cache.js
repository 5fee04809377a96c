// The jobs that the page knows, from events and from lists. A list may be older than events that arrived before it.

export class JobCache {
  #jobs = new Map();
  #updatedAt = new Map();
  #counter = 0;
  #loadedAt = 0;

  get(id) {
    return this.#jobs.get(id);
  }
  values() {
    return this.#jobs.values();
  }

  /** Store the job of an event. */
  update(job) {
    this.#jobs.set(job.id, job);
    this.#updatedAt.set(job.id, ++this.#counter);
  }

  remove(id) {
    this.#jobs.delete(id);
    this.#updatedAt.set(id, ++this.#counter);
  }

  /** Load the list of all jobs with `load`. Events since the request are newer, and so are lists requested later. */
  async reload(load) {
    const requestedAt = ++this.#counter;
    const listed = new Map((await load()).map((job) => [job.id, job]));
    if (requestedAt < this.#loadedAt) return;
    this.#loadedAt = requestedAt;
    const isStale = (id) => (this.#updatedAt.get(id) ?? 0) < requestedAt;
    for (const id of [...this.#jobs.keys()]) if (!listed.has(id) && isStale(id)) this.#jobs.delete(id);
    for (const [id, job] of listed) if (isStale(id)) this.#jobs.set(id, job);
  }
}
