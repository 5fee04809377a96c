// The key of instrumental and vocals. The server makes them in another key; the song itself stays in its own.

import * as api from "./api.js";
import { $, h, setText } from "./dom.js";
import { t } from "./i18n.js";

const MOST = 6;

function mark(link, text) {
  link.querySelector(".changed")?.remove();
  if (text) link.lastElementChild.append(h("b", { class: "changed", text: ` (${text})` }));
}

/** Semitones with their sign: "−2", "0", "+3". */
export const signed = (semitones) => (semitones > 0 ? `+${semitones}` : String(semitones).replace("-", "−"));

export class Key {
  /** Semitones above the key of the song. */
  semitones = 0;
  #player;
  #on;
  #id = null;
  #tracks = [];
  #turn = 0;
  /** The key that is being made; null if none is. */
  #wanted = null;
  #select = h("select", { id: "key", "aria-label": t("Key, in semitones"), translate: "no" });
  #field;
  #note = h("span", { class: "quiet", id: "key-note", role: "status" });

  /** `on.change(track)` is called when the tracks are there in another key, with the one to switch to; `on.fail(error)`. */
  constructor(player, on) {
    [this.#player, this.#on] = [player, on];
    for (let semitones = MOST; semitones >= -MOST; semitones -= 1)
      this.#select.append(h("option", { value: semitones, text: signed(semitones) }));
    this.#field = h("label", { class: "key", hidden: true }, h("span", { class: "quiet", text: t("Key") }), this.#select);
    $(".speed").before(this.#field);
    $("#tracks-note").after(this.#note);
    this.#select.addEventListener("change", () => this.#change(Number(this.#select.value)));
    $("#download-button").addEventListener("click", () => this.#markDownloads());
  }

  load(id) {
    [this.#id, this.semitones, this.#wanted] = [id, 0, null];
    this.#turn += 1;
    setText(this.#note, "");
    this.#draw();
  }

  /** The song has these tracks. */
  offer(tracks) {
    this.#tracks = tracks;
    this.#field.hidden = !tracks.length;
    this.#draw();
  }

  /** Another track was chosen; the song itself has no other key. */
  follow() {
    this.#draw();
    const { track } = this.#player;
    if (!this.semitones || track === "mix") return;
    const turn = this.#turn;
    const done = () => turn === this.#turn && setText(this.#note, "");
    setText(this.#note, t("Changing the key …"));
    this.#prepare(track, this.semitones).then(done, done);
  }

  /** Let the server make what a track needs in another key. */
  async #prepare(track, semitones) {
    for (const one of track === "blend" ? ["instrumental", "vocals"] : [track])
      await api.prepare(api.soundOf(this.#id, one, { semitones }));
  }

  #draw() {
    this.#select.value = this.#wanted ?? (this.#player.track === "mix" ? 0 : this.semitones);
  }

  async #change(semitones) {
    this.#turn += 1;
    const turn = this.#turn;
    this.#wanted = semitones;
    const { track: before } = this.#player;
    const track = before !== "mix" ? before : this.#tracks.includes("instrumental") ? "instrumental" : this.#tracks[0];
    setText(this.#note, t("Changing the key …"));
    try {
      await this.#prepare(track, semitones);
      if (turn !== this.#turn) return;
      [this.semitones, this.#wanted] = [semitones, null];
      this.#on.change(track);
      this.#player.dispatchEvent(new CustomEvent("key", { detail: semitones }));
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#wanted = null;
      this.#on.fail(error);
    }
    setText(this.#note, "");
    this.#draw();
  }

  /** Downloads of the tracks are in the key and tempo that were chosen. */
  #markDownloads() {
    const tempo = Math.round(this.#player.rate * 100);
    const about = [this.semitones && t("key {n}", { n: signed(this.semitones) }), tempo !== 100 && t("tempo {n} %", { n: tempo })];
    for (const link of $("#downloads").querySelectorAll("[data-track]")) {
      link.href = api.trackDownloadOf(this.#id, link.dataset.track, { semitones: this.semitones, tempo });
      mark(link, about.filter(Boolean).join(", "));
    }
  }
}
