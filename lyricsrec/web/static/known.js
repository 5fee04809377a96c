// What the page knows of jobs: from events, and from lists, which may be older than events by the time they come.

export class KnownJobs {
  #jobs = new Map();
  #heard = new Map();
  #now = 0;
  #taken = 0;

  get(id) { return this.#jobs.get(id); }
  values() { return this.#jobs.values(); }

  /** Take what was just said of a job. */
  hear(job) {
    this.#jobs.set(job.id, job);
    this.#heard.set(job.id, ++this.#now);
  }

  forget(id) {
    this.#jobs.delete(id);
    this.#heard.set(id, ++this.#now);
  }

  /** Take the list of all jobs that `ask` promises: what was heard after it was asked for is newer, and so are later lists. */
  async catchUp(ask) {
    const asked = ++this.#now;
    const present = new Map((await ask()).map((job) => [job.id, job]));
    if (asked < this.#taken) return;
    this.#taken = asked;
    const isStale = (id) => (this.#heard.get(id) ?? 0) < asked;
    for (const id of [...this.#jobs.keys()]) if (!present.has(id) && isStale(id)) this.#jobs.delete(id);
    for (const [id, job] of present) if (isStale(id)) this.#jobs.set(id, job);
  }
}
