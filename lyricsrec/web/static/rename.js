// The dialog that changes what a song is called.

import * as api from "./api.js";
import { $, setText } from "./dom.js";
import { stem } from "./jobs.js";

export class Rename {
  #job = null;

  /** `job()` is the song that is open. */
  constructor(job) {
    $("#rename-button").addEventListener("click", () => this.#ask(job()));
    $("#rename form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    $("#rename-cancel").addEventListener("click", () => $("#rename").close());
  }

  #ask(job) {
    this.#job = job;
    $("#rename-title").value = job.title ?? stem(job.name);
    $("#rename-artist").value = job.artist ?? "";
    setText($("#rename-problem"), "");
    $("#rename").showModal();
    $("#rename-title").select();
  }

  /** The server tells all pages about the new name. */
  async #save() {
    try {
      await api.rename(this.#job.id, { title: $("#rename-title").value, artist: $("#rename-artist").value });
      $("#rename").close();
    } catch (error) {
      setText($("#rename-problem"), api.explain(error));
    }
  }
}
