// The view of one song: connects player, lyrics, waveform and corrections.

import * as api from "./api.js";
import { Corrections } from "./corrections.js";
import { ask } from "./dialogs.js";
import { $, h, setText, toast } from "./dom.js";
import { Downloads } from "./downloads.js";
import { checksText, Editor } from "./editor.js";
import { FullScreen } from "./fullscreen.js";
import { showHelp } from "./help.js";
import { expiryText, facts, songName } from "./jobs.js";
import { LineLoop } from "./line_loop.js";
import { Lyrics } from "./lyrics.js";
import { Player } from "./player.js";
import { Practice } from "./practice.js";
import { plainNotes, warningOf } from "./remarks.js";
import { Shortcuts } from "./shortcuts.js";
import { placed, unsurePlaces } from "./timing.js";
import { Transport } from "./transport.js";
import { Wave } from "./wave.js";
import { WaveView } from "./wave_view.js";

const AROUND_S = 0.7;

export class Song {
  id = null;
  #job = null;
  #player = new Player($("#song"));
  #transport = new Transport(this.#player);
  #lyrics = new Lyrics($("#lyrics"), {
    onWord: (at) => this.#press(at),
    onSelect: () => this.#chosen(),
    places: { play: ({ from_s }) => this.#playFrom(from_s), fill: (place) => this.#fill(place) },
  });
  #downloads = new Downloads(() => !this.isDirty || this.#editor.save());
  #onAgain;
  #wave;
  #editor;
  #loop = new LineLoop();
  #full = new FullScreen(() => this.#lyrics.follow());
  #practice;
  #view;
  #loads = 0;
  #stopAt = Infinity;

  /** `onAgain(job, kind, lyrics)` is called when a song is to be processed again. */
  constructor({ onAgain }) {
    this.#onAgain = onAgain;
    this.#editor = new Editor({
      lyrics: this.#lyrics,
      now: () => this.#player.time,
      onChange: () => this.#draw(),
      onTimeAgain: (text) => this.#onAgain(this.#job, "align", text),
    });
    this.#wave = new Wave($("#wave"), {
      seek: (seconds) => this.#seek(seconds),
      choose: (at) => {
        this.#lyrics.goTo(at.line);
        this.#lyrics.select({ line: at.line, word: at.word }, { focus: true });
      },
      drag: (at, part, seconds) => this.#editor.drag({ line: at.line, word: at.word }, part, seconds),
      drop: () => this.#editor.drop(this.#editor.at),
    });
    this.#view = new WaveView(this.#wave);
    this.#practice = new Practice({
      player: this.#player,
      wave: this.#wave,
      corrections: () => this.#editor.corrections,
      at: () => this.#editor.at,
      select: (at) => this.#lyrics.select(at, { focus: true }),
      onChange: () => this.#edited(),
      onLoop: () => this.#setLoop(null),
    });
    $("#zoom-in").addEventListener("click", () => this.#wave.zoom(1.6));
    $("#zoom-out").addEventListener("click", () => this.#wave.zoom(1 / 1.6));
    $("#zoom-all").addEventListener("click", () => this.#wave.zoom(0));
    $("#edit-button").addEventListener("click", () => this.#toggleEditing());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#editor.corrections?.keepDraft();
    });
    $("#checks-next").addEventListener("click", () => this.#nextProblem());
    $("#loop").addEventListener("click", () => this.#setLoop(this.#loop.line === null ? this.#line() : null));
    this.#player.addEventListener("seek", () => {
      this.#moveLoop();
      if (!this.#player.isPlaying) this.#wave.reveal(this.#player.time);
    });
    this.#player.addEventListener("ended", () => {
      this.#repeat(true);
      this.#practice.repeat(true);
    });
    $("#lyrics").addEventListener("dblclick", () => this.#editor.isOpen && this.#editor.run("edit"));
    $("#again-button").addEventListener("click", () => this.#onAgain(this.#job));
    $("#warning-lyrics").addEventListener("click", () => this.#onAgain(this.#job, "align"));
    $("#warning-again").addEventListener("click", () => this.#onAgain(this.#job, "transcribe"));
    this.#listenToKeys();
    const frame = () => {
      if (this.id) this.#tick();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  get isDirty() {
    return Boolean(this.#editor.corrections?.isDirty);
  }

  async open(job, formats) {
    if (this.id === job.id) return;
    this.close();
    this.id = job.id;
    const load = ++this.#loads;
    setText($("#song-name"), songName(job));
    this.#downloads.show(job, formats);
    this.#describe(job);
    this.#transport.load(job);
    this.#wave.load(job.duration_s ?? 1);
    $("#lyrics").replaceChildren(h("p", { class: "empty", text: "Loading the lyrics …" }));
    api.peaks(job.id).then(
      (peaks) => {
        if (load === this.#loads) this.#wave.peaks = peaks;
      },
      () => {},
    );
    try {
      const corrections = await Corrections.load(job.id);
      if (load !== this.#loads) return;
      this.#editor.corrections = corrections;
      this.#practice.bpm = corrections.doc.beats?.bpm ?? null;
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
      const again = () => {
        this.id = null;
        this.open(job, formats);
      };
      $("#lyrics").replaceChildren(
        h("p", { class: "problem", text: api.explain(error) }),
        h("p", {}, h("button", { type: "button", text: "Try again", onclick: again })),
      );
    }
  }

  /** Handle an event about a job. */
  update(job) {
    if (job.id !== this.id) return;
    this.#transport.update(job);
    this.#describe(job);
    if (this.#editor.corrections) this.#editor.catchUp(job.revision).catch(() => {});
  }

  /** Say what the song has, until when it is kept, and what puts it in doubt. */
  #describe(job) {
    this.#job = job;
    const about = [
      facts(job),
      job.kind === "align" ? null : job.preset,
      languageName(this.#editor.corrections?.doc.provenance?.language),
      expiryText(job),
    ];
    setText($("#song-facts"), about.filter(Boolean).join(" · "));
    this.#downloads.update(job);
    this.#view.load(job);
    const warning = job.warning ?? warningOf(this.#editor.corrections?.doc.notes);
    $("#warning").hidden = !warning;
    setText($("#warning-text"), warning ?? "");
  }

  close() {
    if (!this.id) return;
    this.id = null;
    this.#loads += 1;
    this.#practice.close();
    this.#player.unload();
    this.#setEditing(false);
    this.#setLoop(null);
    this.#full.set(false);
    this.#editor.corrections = null;
  }

  /** Ask what to do with unsaved corrections; false if the user stays here. */
  async mayLeave() {
    if (!this.isDirty) return true;
    const answer = await ask("Save your corrections?", "They are not saved yet.", [
      { value: "save", label: "Save", kind: "main" },
      { value: "drop", label: "Discard", kind: "danger" },
      { value: null, label: "Stay here" },
    ]);
    if (answer === "drop") this.#editor.corrections.discard();
    return answer === "save" ? this.#editor.save() : answer === "drop";
  }

  /** Notes that are not shown elsewhere are folded away. */
  #notes(all) {
    const notes = plainNotes(all);
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

  #edited() {
    this.#draw();
    this.#editor.draw();
  }

  #tick() {
    const { time, isPlaying } = this.#player;
    if (isPlaying) this.#repeat();
    if (isPlaying) this.#practice.repeat();
    if (isPlaying && time >= this.#stopAt) {
      this.#stopAt = Infinity;
      this.#player.pause();
    }
    this.#transport.tick();
    this.#lyrics.tick(time, isPlaying);
    this.#wave.tick(time, isPlaying);
  }

  #seek(seconds) {
    this.#stopAt = Infinity;
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
    if (line !== null) this.#practice.clear();
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
    this.#practice.tapping.update();
    if (this.#editor.isOpen && !this.#player.isPlaying && this.#start() !== null) this.#wave.reveal(this.#start());
  }

  #playFrom(seconds) {
    this.#seek(seconds);
    this.#player.play();
  }

  /** Write the lyrics of a place that has none. */
  #fill(place) {
    if (!this.#editor.isOpen) this.#setEditing(true);
    this.#seek(place.from_s);
    this.#editor.fill(place);
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
    if (!isOn) this.#practice.tapping.close();
    this.#editor.isOpen = isOn;
    $("#song").classList.toggle("editing", isOn);
    this.#full.layOut();
    $("#editor").hidden = !isOn;
    $("#editor").scrollTop = 0;
    $("#edit-button").setAttribute("aria-pressed", String(isOn));
    setText($("#edit-button"), isOn ? "Done" : "Correct");
    this.#wave.editing = isOn;
    this.#editor.draw();
  }

  /** Go to the next unsure place, and play it. */
  #nextProblem() {
    const { corrections } = this.#editor;
    const found = corrections ? unsurePlaces(corrections.doc) : [];
    const here = $("#lyrics").contains(document.activeElement) || this.#editor.isOpen ? this.#lyrics.at : null;
    const next = found.find(({ line, word }) => !here || line > here.line || (line === here.line && word > here.word)) ?? found[0];
    if (!next) return;
    if (!this.#editor.isOpen) this.#setEditing(true);
    this.#lyrics.goTo(next.line, next.word);
    const { start_s, end_s } = corrections.doc.lines[next.line].words.slice(next.word).find(placed) ?? {};
    if (start_s === undefined) return this.#player.pause();
    this.#playFrom(Math.max(start_s - AROUND_S, 0));
    this.#stopAt = end_s + AROUND_S;
  }

  #listenToKeys() {
    const keys = {
      m: () => this.#transport.toggleVocals(),
      e: () => this.#toggleEditing(),
      n: () => this.#nextProblem(),
      r: () => $("#loop").click(),
      f: () => this.#full.set(!this.#full.isOn),
      T: () => this.#editor.isOpen && this.#practice.tapping.open(),
      ...this.#practice.letters,
      "?": showHelp,
    };
    new Shortcuts({
      isOpen: () => Boolean(this.id),
      isEditing: () => this.#editor.isOpen,
      escape: () => this.#escape(),
      command: (name) => {
        if (name) this.#editor.run(name);
        return Boolean(name);
      },
      wordKey: (event, letters) => this.#editor.key(event, letters),
      toggle: () => {
        this.#stopAt = Infinity;
        this.#player.toggle();
      },
      jump: (by) => this.#seek(this.#player.time + by),
      letters: keys,
    });
  }

  #escape() {
    if (this.#downloads.isOpen) this.#downloads.close();
    else if (this.#practice.escape()) return true;
    else if (this.#full.isOn) this.#full.set(false);
    else return false;
    return true;
  }
}

/** The English name of a language by its code; null for none. */
function languageName(code) {
  return code ? new Intl.DisplayNames(["en"], { type: "language", fallback: "code" }).of(code) : null;
}
