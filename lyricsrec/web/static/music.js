// Melody and chords of the song: finding them, showing them, and the key that they are shown in.

import * as api from "./api.js";
import { ChordMarks } from "./chord_marks.js";
import { $, h, setText } from "./dom.js";
import { chordPlaces, namesIn, transposeChord, transposeKey } from "./harmony.js";
import { t } from "./i18n.js";
import { followUpText, isOver } from "./jobs.js";
import { keyName } from "./key_names.js";
import { PitchLane } from "./pitch_lane.js";
import * as storage from "./storage.js";

const NAMES = ["melody", "chords"];
const MOST = 11;
const FIND = { melody: t("Find the melody"), chords: t("Find the chords") };
const SHOW = { melody: t("Melody"), chords: t("Chords") };
const key = (name) => `lyricsrec.show.${name}`;

export class Music {
  #on;
  #job = null;
  #offers = {};
  #found = { melody: null, chords: null };
  #loaded = {};
  #lane = new PitchLane($("#lane"));
  #marks = new ChordMarks();
  #parts;
  /** Semitones by which chords and notes are shown higher. */
  #semitones = 0;

  #doc = null;

  /** `on.player`, `on.wave`, `on.lyrics`: whose key is followed, and where notes and chords are shown. */
  constructor(on) {
    this.#on = on;
    this.#parts = makeParts();
    const { find, show, transpose, capo } = this.#parts;
    $("#music").append(...this.#parts.all);
    for (const name of NAMES) {
      find[name].addEventListener("click", () => this.#look(name));
      show[name].addEventListener("change", () => {
        storage.write(key(name), show[name].checked ? "on" : "off");
        this.#draw();
      });
    }
    this.#parts.stop.addEventListener("click", () => this.#stop());
    transpose.addEventListener("change", () => {
      this.#transpose(Number(transpose.value));
    });
    capo.addEventListener("change", () => this.#draw());
    on.player.addEventListener("key", (event) => this.#transpose(event.detail));
  }

  /** What the server can find: {name, available, hint}. */
  offer(followUps) {
    this.#offers = Object.fromEntries(followUps.map((one) => [one.name, one]));
    if (this.#job) this.#describe();
  }

  open(job) {
    [this.#job, this.#loaded, this.#semitones] = [job, {}, 0];
    this.#parts.capo.value = "0";
    this.#found = { melody: null, chords: null };
    this.update(job);
  }

  close() {
    [this.#job, this.#doc] = [null, null];
    this.#found = { melody: null, chords: null };
    this.#marks.show([], null);
  }

  /** The job has changed: load what was found, and notes anew when words were corrected. */
  update(job) {
    this.#job = job;
    for (const name of NAMES) {
      const version = name === "melody" ? job.revision : 0;
      if (!job.found?.includes(name) || this.#loaded[name] === version) continue;
      this.#loaded[name] = version;
      this.#load(job.id, name);
    }
    this.#describe();
    this.#draw();
  }

  async #load(id, name) {
    try {
      const found = await api.followUp(id, name);
      if (id !== this.#job?.id) return;
      this.#found[name] = found;
      if (found.bpm) this.#on.player.dispatchEvent(new CustomEvent("tempo", { detail: found.bpm }));
    } catch (error) {
      setText(this.#parts.note, api.explain(error));
    }
    this.#draw();
  }

  async #look(name) {
    this.#parts.find[name].disabled = true;
    try {
      this.update(await api.find(this.#job.id, name));
    } catch (error) {
      setText(this.#parts.note, api.explain(error));
    }
  }

  /** The buttons, and what is being found. */
  #describe() {
    const job = this.#job;
    for (const name of NAMES) {
      const button = this.#parts.find[name];
      const offered = this.#offers[name];
      button.hidden = !offered || Boolean(job.found?.includes(name) || job.wanted?.includes(name) || job.not_found?.[name]);
      button.disabled = !offered?.available;
      button.title = offered?.hint ?? "";
    }
    const isMaking = !isOver(job) && NAMES.some((name) => job.wanted?.includes(name));
    this.#parts.stop.hidden = !isMaking;
    const reasons = Object.values(job.not_found ?? {});
    setText(this.#parts.note, isMaking ? followUpText(job) : reasons.map((text) => `${text}.`).join(" "));
  }

  #isShown(name) {
    return Boolean(this.#found[name]) && this.#parts.show[name].checked;
  }

  get #key() {
    return this.#found.chords?.key ?? null;
  }

  #draw() {
    const { show, keyNote, transpose, field, capoField } = this.#parts;
    const { chords, melody } = this.#found;
    for (const name of NAMES) show[name].parentElement.hidden = !this.#found[name];
    field.hidden = !chords && !melody;
    capoField.hidden = !chords;
    transpose.value = this.#semitones;
    const shown = this.#key && transposeKey(this.#key, this.#semitones);
    const about = [
      shown && t("Key: {key}", { key: keyName(shown) }),
      chords?.bpm && t("{n} beats a minute", { n: Math.round(chords.bpm) }),
    ];
    setText(keyNote, about.filter(Boolean).join(" · "));
    $("#song").classList.toggle("has-lane", this.#isShown("melody"));
    this.#lane.notes = melody?.notes ?? [];
    this.#on.wave.notes = this.#isShown("melody") ? melody.notes : [];
    this.#markChords();
  }

  /** Show chords and notes `semitones` higher, as the sound is. */
  #transpose(semitones) {
    this.#semitones = semitones;
    if (this.#job) this.#draw();
  }

  /** The lyrics of `doc` were drawn: put the chords over its lines. */
  mark(doc) {
    this.#doc = doc;
    this.#markChords();
  }

  #markChords() {
    const places = this.#doc && this.#isShown("chords") ? chordPlaces(this.#doc, this.#found.chords.chords) : null;
    this.#marks.show(this.#on.lyrics.rows, places, (symbol) => this.#symbol(symbol));
  }

  /** A chord as it is fingered: in the key that is shown, with the capo. */
  #symbol(symbol) {
    const by = this.#semitones - Number(this.#parts.capo.value);
    return transposeChord(symbol, by, namesIn(this.#key && transposeKey(this.#key, by)));
  }

  tick(seconds) {
    if (!this.#isShown("melody")) return;
    const names = namesIn(this.#key && transposeKey(this.#key, this.#semitones));
    const chords = this.#isShown("chords") ? this.#found.chords.chords : [];
    this.#lane.tick(seconds, chords, { names, semitones: this.#semitones, symbol: (symbol) => this.#symbol(symbol) });
  }

  /** Do not go on looking. */
  async #stop() {
    try {
      this.update(await api.cancel(this.#job.id));
    } catch (error) {
      setText(this.#parts.note, api.explain(error));
    }
  }
}

function makeParts() {
  const button = (text) => h("button", { type: "button", class: "small", hidden: true, text });
  const find = { melody: button(FIND.melody), chords: button(FIND.chords) };
  const stop = button(t("Cancel"));
  const check = (name) => h("input", { type: "checkbox", checked: storage.read(key(name)) !== "off" });
  const show = { melody: check("melody"), chords: check("chords") };
  const labels = NAMES.map((name) => h("label", { class: "check", hidden: true }, show[name], ` ${SHOW[name]}`));
  const numbers = (from, to, text) => Array.from({ length: to - from + 1 }, (_, i) => h("option", { value: to - i, text: text(to - i) }));
  const transpose = h("select", { id: "transpose" }, ...numbers(-MOST, MOST, (n) => (n > 0 ? `+${n}` : `${n}`.replace("-", "−"))));
  const capo = h("select", { id: "capo" }, ...numbers(0, MOST, String).reverse());
  const field = h("label", { hidden: true, title: t("Chords and notes, in semitones") }, t("Transpose"), " ", transpose);
  const capoField = h("label", { hidden: true }, t("Capo"), " ", capo);
  const keyNote = h("span", { class: "quiet", id: "key-name" });
  const note = h("span", { class: "quiet", id: "music-note", role: "status" });
  const all = [find.melody, find.chords, ...labels, keyNote, field, capoField, note, stop];
  return { find, stop, show, transpose, capo, field, capoField, keyNote, note, all };
}
