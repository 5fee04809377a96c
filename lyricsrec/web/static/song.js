// The view of one song: connects player, lyrics, waveform and corrections.

import * as api from "./api.js";
import { clock } from "./clock.js";
import { Corrections } from "./corrections.js";
import { ask } from "./dialogs.js";
import { $, h, setText, toast } from "./dom.js";
import { checksText, Editor } from "./editor.js";
import { FullScreen } from "./fullscreen.js";
import { letterShortcuts, showHelp } from "./help.js";
import { TRACKS, facts, songName, tracksOf } from "./jobs.js";
import { LineLoop } from "./line_loop.js";
import { Lyrics } from "./lyrics.js";
import { Player } from "./player.js";
import { Transport } from "./transport.js";
import { Wave } from "./wave.js";
import { problems } from "./timing.js";

const JUMP_S = 5;
/** How notes begin that put a whole transcript in doubt. */
const WARNING = "Warning: ";

const downloadItem = (href, name, suffix, description) =>
  h("li", {}, h("a", { href, download: true, "data-format": name }, h("b", { text: suffix }), " ", h("span", { class: "quiet", text: description })));

export class Song {
  id = null;
  #job = null;
  #player = new Player($("#song"));
  #transport = new Transport(this.#player);
  #lyrics = new Lyrics($("#lyrics"), { onWord: (at) => this.#press(at), onSelect: () => this.#chosen() });
  #wave;
  #editor;
  #loop = new LineLoop();
  #full = new FullScreen(() => this.#lyrics.follow());
  #loads = 0;

  constructor() {
    this.#editor = new Editor({ lyrics: this.#lyrics, now: () => this.#player.time, onChange: () => this.#draw() });
    this.#wave = new Wave($("#wave"), {
      seek: (seconds) => this.#seek(seconds),
      choose: (at) => { this.#lyrics.goTo(at.line); this.#lyrics.select({ line: at.line, word: at.word }, { focus: true }); },
      drag: (at, part, seconds) => this.#editor.drag({ line: at.line, word: at.word }, part, seconds),
      drop: () => this.#editor.drop(this.#editor.at),
    });
    $("#zoom-in").addEventListener("click", () => this.#wave.zoom(1.6));
    $("#zoom-out").addEventListener("click", () => this.#wave.zoom(1 / 1.6));
    $("#zoom-all").addEventListener("click", () => this.#wave.zoom(0));
    $("#edit-button").addEventListener("click", () => this.#toggleEditing());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#editor.corrections?.keepDraft(); });
    $("#checks-next").addEventListener("click", () => this.#nextProblem());
    $("#loop").addEventListener("click", () => this.#setLoop(this.#loop.line === null ? this.#line() : null));
    this.#player.addEventListener("seek", () => this.#moveLoop());
    this.#player.addEventListener("ended", () => this.#repeat(true));
    $("#lyrics").addEventListener("dblclick", () => this.#editor.isOpen && this.#editor.run("edit"));
    $("#download-button").addEventListener("click", () => this.#openDownloads($("#downloads").hidden));
    $("#downloads").addEventListener("click", (event) => this.#download(event));
    document.addEventListener("click", (event) => { if (!event.target.closest(".menu")) this.#openDownloads(false); });
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keyup", (event) => { if (this.id && event.key === " " && event.target.matches(".word")) event.preventDefault(); });
    const frame = () => { if (this.id) this.#tick(); requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
  }

  get isDirty() { return Boolean(this.#editor.corrections?.isDirty); }

  async open(job, formats) {
    if (this.id === job.id) return;
    this.close();
    this.id = job.id;
    const load = ++this.#loads;
    setText($("#song-name"), songName(job));
    $("#downloads").replaceChildren(...formats.filter(({ name }) => job.formats?.includes(name) ?? true).map(({ name, suffix, description }) =>
      downloadItem(api.downloadOf(job.id, name), name, suffix, description)));
    this.#describe(job);
    this.#transport.load(job);
    this.#wave.load(job.duration_s ?? 1);
    $("#lyrics").replaceChildren(h("p", { class: "empty", text: "Loading the lyrics …" }));
    api.peaks(job.id).then((peaks) => { if (load === this.#loads) this.#wave.peaks = peaks; }, () => {});
    try {
      const corrections = await Corrections.load(job.id);
      if (load !== this.#loads) return;
      this.#editor.corrections = corrections;
      if (!job.duration_s) this.#wave.load(corrections.doc.duration_s);
      this.#describe(this.#job);
      this.#notes(corrections.doc.notes);
      this.#draw();
      this.#editor.draw();
      if (corrections.isRestored) {
        this.#setEditing(true);
        toast("Your unsaved corrections were restored. “Undo” removes them.");
      }
    } catch (error) {
      if (load !== this.#loads) return;
      const again = () => { this.id = null; this.open(job, formats); };
      $("#lyrics").replaceChildren(h("p", { class: "problem", text: api.explain(error) }),
        h("p", {}, h("button", { type: "button", text: "Try again", onclick: again })));
    }
  }

  /** Handle an event about a job. */
  update(job) {
    if (job.id !== this.id) return;
    this.#transport.update(job);
    this.#describe(job);
    if (this.#editor.corrections) this.#editor.catchUp(job.revision).catch(() => {});
  }

  /** Say what the song has, and offer its tracks as downloads, after the formats. */
  #describe(job) {
    this.#job = job;
    const about = [facts(job), job.kind === "align" ? null : job.preset, languageName(this.#editor.corrections?.doc.provenance?.language)];
    setText($("#song-facts"), about.filter(Boolean).join(" · "));
    for (const item of $("#downloads").querySelectorAll("[data-track]")) item.parentElement.remove();
    $("#downloads").append(...tracksOf(job).map((track) => {
      const item = downloadItem(api.trackDownloadOf(job.id, track), track, ".flac", TRACKS[track]);
      item.firstChild.dataset.track = track;
      return item;
    }));
  }

  close() {
    if (!this.id) return;
    this.id = null;
    this.#loads += 1;
    this.#player.unload();
    this.#setEditing(false);
    this.#setLoop(null);
    this.#full.set(false);
    this.#editor.corrections = null;
  }

  /** Ask what to do with unsaved corrections; false if the user stays here. */
  async mayLeave() {
    if (!this.isDirty) return true;
    const answer = await ask("Save your corrections?", "They are not saved yet.",
      [{ value: "save", label: "Save", kind: "main" }, { value: "drop", label: "Discard", kind: "danger" }, { value: null, label: "Stay here" }]);
    if (answer === "drop") this.#editor.corrections.discard();
    return answer === "save" ? this.#editor.save() : answer === "drop";
  }

  /** Warnings, which put the whole song in doubt, are shown; other notes are folded away. */
  #notes(all) {
    const warnings = (all ?? []).filter((text) => text.startsWith(WARNING));
    const notes = (all ?? []).filter((text) => !text.startsWith(WARNING));
    $("#warning").hidden = !warnings.length;
    setText($("#warning"), warnings.map((text) => text.slice(WARNING.length)).join(" "));
    $("#notes").hidden = !notes.length;
    setText($("#notes summary"), `Notes (${notes.length})`);
    $("#notes ul").replaceChildren(...notes.map((text) => h("li", { text })));
  }

  #draw() {
    const { corrections } = this.#editor;
    if (!corrections) return;
    this.#lyrics.show(corrections.doc);
    this.#wave.show(corrections.doc, this.#lyrics.at);
    this.#wave.loop = this.#loop.span(corrections.doc);
    const text = checksText(corrections.doc);
    $("#checks").hidden = !text;
    setText($("#checks-text"), text);
    $("#edit-button").classList.toggle("dirty", corrections.isDirty);
  }

  #tick() {
    const { time, isPlaying } = this.#player;
    if (isPlaying) this.#repeat();
    this.#transport.tick();
    this.#lyrics.tick(time, isPlaying);
    this.#wave.tick(time, isPlaying);
  }

  #seek(seconds) {
    this.#lyrics.follow();
    this.#player.seek(seconds);
  }

  /** The line that a command applies to: the selected one while correcting or focused, else the current one. */
  #line() {
    const usesSelection = this.#editor.isOpen || $("#lyrics").contains(document.activeElement);
    return (usesSelection ? this.#lyrics.at?.line : null) ?? this.#lyrics.current ?? this.#lyrics.at?.line ?? null;
  }

  #setLoop(line) {
    this.#loop.line = line;
    $("#loop").setAttribute("aria-pressed", String(line !== null));
    this.#wave.loop = this.#loop.span(this.#editor.corrections?.doc);
    if (line !== null && !this.#wave.loop) this.#setLoop(null);
  }

  /** Jump back to the start of the repeated line at its end. */
  #repeat(isEnded = false) {
    const to = this.#loop.back(this.#editor.corrections?.doc, this.#player.time, isEnded);
    if (to === null) return;
    this.#player.seek(to, { isRepeat: true });
    if (isEnded) this.#player.play();
  }

  /** After a seek, repeat the line at the new time. */
  #moveLoop() {
    if (this.#loop.line === null) return;
    const span = this.#loop.span(this.#editor.corrections.doc);
    const { time } = this.#player;
    if (!span || time < span.from_s || time >= span.to_s) this.#setLoop(this.#lyrics.lineAt(time));
  }

  #chosen() {
    const { corrections } = this.#editor;
    if (!corrections) return;
    this.#wave.show(corrections.doc, this.#lyrics.at);
    this.#editor.draw();
    if (this.#editor.isOpen && !this.#player.isPlaying && this.#start() !== null) this.#wave.reveal(this.#start());
  }

  #start() {
    const at = this.#lyrics.at;
    return at && (this.#editor.corrections.doc.lines[at.line]?.words[at.word]?.start_s ?? null);
  }

  /** A word was clicked: play from there; while correcting, only if the song is not playing. */
  #press(at) {
    this.#lyrics.select(at, { focus: true });
    const start = this.#start();
    if (start !== null && !(this.#editor.isOpen && this.#player.isPlaying)) this.#seek(start);
  }

  /** Leaving the Correct mode saves. */
  async #toggleEditing() {
    if (this.#editor.isOpen && this.isDirty && !(await this.#editor.save())) return;
    this.#setEditing(!this.#editor.isOpen);
    if (!this.#editor.isOpen) return this.#lyrics.follow();
    this.#lyrics.chooseAt(this.#player.time);
    this.#chosen();
  }

  #setEditing(isOn) {
    if (isOn) this.#full.set(false);
    this.#editor.isOpen = isOn;
    $("#song").classList.toggle("editing", isOn);
    $("#editor").hidden = !isOn;
    $("#editor").scrollTop = 0;
    $("#edit-button").setAttribute("aria-pressed", String(isOn));
    setText($("#edit-button"), isOn ? "Done" : "Correct");
    this.#wave.editing = isOn;
    this.#editor.draw();
  }

  #nextProblem() {
    const { corrections } = this.#editor;
    const found = corrections ? problems(corrections.doc) : [];
    const here = $("#lyrics").contains(document.activeElement) || this.#editor.isOpen ? this.#lyrics.at?.line ?? -1 : -1;
    const next = found.find((line) => line > here) ?? found[0];
    if (next === undefined) return;
    if (!this.#editor.isOpen) this.#setEditing(true);
    this.#lyrics.goTo(next);
  }

  #openDownloads(isOpen) {
    $("#downloads").hidden = !isOpen;
    $("#download-button").setAttribute("aria-expanded", String(isOpen));
  }

  /** Downloads contain the saved lyrics, so save first. */
  async #download(event) {
    const link = event.target.closest("a");
    if (!link) return;
    this.#openDownloads(false);
    if (!this.isDirty) return;
    event.preventDefault();
    if (await this.#editor.save()) link.click();
  }

  #key(event) {
    if (!this.id || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const { target, key } = event;
    if (key === "Escape" && this.#full.isOn) return this.#full.set(false);
    if (key === "Escape" && !$("#downloads").hidden) { this.#openDownloads(false); return void $("#download-button").focus(); }
    const isCommand = event.ctrlKey || event.metaKey;
    if (this.#editor.isOpen && isCommand && this.#command(key.toLowerCase(), event.shiftKey)) return event.preventDefault();
    if (target.matches("input:not([type=radio]), textarea, select") || isCommand || event.altKey) return;
    const isWord = target.matches(".word");
    if (isWord && this.#editor.isOpen && this.#editor.key(event, letterShortcuts())) return event.preventDefault();
    if (this.#playbackKey(key, target, isWord)) event.preventDefault();
  }

  #command(key, isShifted) {
    const name = { z: isShifted ? "redo" : "undo", y: "redo", s: "save" }[key];
    if (name) this.#editor.run(name);
    return Boolean(name);
  }

  #playbackKey(key, target, isWord) {
    const isFree = !target.matches("button, a, input, summary");
    const jump = { ArrowLeft: -JUMP_S, ArrowRight: JUMP_S }[key];
    if (key === " " && (isWord || isFree)) this.#player.toggle();
    else if (jump && !isWord && !target.matches("input")) this.#seek(this.#player.time + jump);
    else if (!letterShortcuts()) return false;
    else if (key === "m") this.#transport.toggleVocals();
    else if (key === "e") this.#toggleEditing();
    else if (key === "n") this.#nextProblem();
    else if (key === "r") $("#loop").click();
    else if (key === "f") $("#full-button").click();
    else if (key === "?") showHelp();
    else return false;
    return true;
  }
}

/** The English name of a language by its code; null for none. */
function languageName(code) {
  return code ? new Intl.DisplayNames(["en"], { type: "language", fallback: "code" }).of(code) : null;
}
