// The view of one song: connects player, lyrics, waveform and corrections.

import * as api from "./api.js";
import { nextUnsure, showChecks } from "./checks.js";
import { Corrections } from "./corrections.js";
import { $, h, toast } from "./dom.js";
import { Downloads } from "./downloads.js";
import { Editor } from "./editor.js";
import { FullScreen } from "./fullscreen.js";
import { showHelp } from "./help.js";
import { t } from "./i18n.js";
import { Karaoke } from "./karaoke.js";
import { mayLeave } from "./leaving.js";
import { LineLoop } from "./line_loop.js";
import { showProblem } from "./load_problem.js";
import { Lyrics } from "./lyrics.js";
import { Music } from "./music.js";
import { Player } from "./player.js";
import { Practice } from "./practice.js";
import { Rename } from "./rename.js";
import { Shortcuts } from "./shortcuts.js";
import { showHead } from "./song_head.js";
import { Transport } from "./transport.js";
import { Wave } from "./wave.js";
import { WaveView } from "./wave_view.js";

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
  #karaoke = new Karaoke({
    at: () => this.#player.time,
    prepare: () => !this.isDirty || this.#editor.save(),
    onOpen: () => this.#downloads.open(false),
  });
  #onAgain;
  #wave;
  #editor;
  #loop;
  #full = new FullScreen(() => this.#follow());
  #practice;
  #view;
  /** Melody and chords; see `Music`. */
  music;
  #loads = 0;
  #stopAt = Infinity;

  /** `onAgain(job, kind, lyrics)` is called when a song is to be processed again. */
  constructor({ onAgain }) {
    this.#onAgain = onAgain;
    this.#editor = new Editor({
      lyrics: this.#lyrics,
      now: () => this.#player.time,
      onChange: () => this.#draw(),
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
    this.#loop = new LineLoop({
      player: this.#player,
      wave: this.#wave,
      doc: () => this.#editor.corrections?.doc,
      line: () => this.#line(),
      lineAt: (seconds) => this.#lyrics.lineAt(seconds),
      onSet: () => this.#practice.clear(),
    });
    this.#view = new WaveView(this.#wave);
    this.music = new Music({ player: this.#player, wave: this.#wave, lyrics: this.#lyrics });
    this.#practice = new Practice({
      player: this.#player,
      wave: this.#wave,
      corrections: () => this.#editor.corrections,
      at: () => this.#editor.at,
      select: (at) => this.#lyrics.select(at, { focus: true }),
      onChange: () => {
        this.#draw();
        this.#editor.draw();
      },
      onLoop: () => this.#loop.set(null),
    });
    $("#edit-button").addEventListener("click", () => this.#toggleEditing());
    $("#checks-next").addEventListener("click", () => this.#nextUnsure());
    this.#player.addEventListener("seek", () => {
      if (!this.#player.isPlaying) this.#wave.reveal(this.#player.time);
    });
    this.#player.addEventListener("ended", () => {
      this.#loop.repeat(true);
      this.#practice.repeat(true);
    });
    $("#again-button").addEventListener("click", () => this.#onAgain(this.#job));
    $("#warning-lyrics").addEventListener("click", () => this.#onAgain(this.#job, "align"));
    $("#warning-again").addEventListener("click", () => this.#onAgain(this.#job, "transcribe"));
    this.#listenToKeys();
    new Rename(() => this.#job);
    this.#frame();
  }

  get isDirty() {
    return Boolean(this.#editor.corrections?.isDirty);
  }

  async open(job, formats) {
    if (this.id === job.id) return;
    this.close();
    this.id = job.id;
    const load = ++this.#loads;
    this.#downloads.show(job, formats);
    this.#describe(job);
    this.#transport.load(job);
    this.#wave.load(job.duration_s ?? 1);
    this.music.open(job);
    $("#lyrics").replaceChildren(h("p", { class: "empty", text: t("Loading the lyrics …") }));
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
      if (corrections.doc.beats) this.#practice.bpm = corrections.doc.beats.bpm;
      if (!job.duration_s) this.#wave.load(corrections.doc.duration_s);
      this.#describe(this.#job);
      this.#draw();
      this.#editor.draw();
      if (corrections.isRestored) {
        this.#setEditing(true);
        toast(t("Your unsaved corrections were restored. “Undo” removes them."));
      }
    } catch (error) {
      if (load !== this.#loads) return;
      showProblem(error, () => {
        this.id = null;
        this.open(job, formats);
      });
    }
  }

  /** Handle an event about a job. */
  update(job) {
    if (job.id !== this.id) return;
    this.#transport.update(job);
    this.music.update(job);
    this.#describe(job);
    if (this.#editor.corrections) this.#editor.catchUp(job.revision).catch(() => {});
  }

  #describe(job) {
    this.#job = job;
    this.#downloads.update(job);
    this.#karaoke.update(job);
    this.#view.load(job);
    showHead(job, this.#editor.corrections?.doc);
  }

  close() {
    if (!this.id) return;
    this.id = null;
    this.#loads += 1;
    this.#practice.close();
    this.#karaoke.close();
    this.#player.unload();
    this.music.close();
    this.#setEditing(false);
    this.#loop.set(null);
    this.#full.set(false);
    this.#editor.corrections = null;
  }

  /** Ask what to do with unsaved corrections; false if the user stays here. */
  mayLeave = () => mayLeave(this.#editor);

  #draw() {
    const { corrections } = this.#editor;
    if (!corrections) return;
    this.#lyrics.show(corrections.doc);
    this.music.mark(corrections.doc);
    this.#wave.show(corrections.doc, this.#lyrics.at);
    this.#loop.show();
    showChecks(corrections.doc);
    $("#edit-button").classList.toggle("dirty", corrections.isDirty);
  }

  #frame() {
    if (this.id) this.#tick();
    requestAnimationFrame(() => this.#frame());
  }

  /** Show the current line again, after the view has changed. */
  #follow() {
    this.#lyrics.follow();
    if (this.id && !this.#player.isPlaying) this.#lyrics.chooseAt(this.#player.time);
  }

  #tick() {
    const { time, isPlaying } = this.#player;
    if (isPlaying) this.#loop.repeat();
    if (isPlaying) this.#practice.repeat();
    if (isPlaying && time >= this.#stopAt) {
      this.#stopAt = Infinity;
      this.#player.pause();
    }
    this.#transport.tick();
    this.#lyrics.tick(time, isPlaying);
    this.#wave.tick(time, isPlaying);
    this.music.tick(time);
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

  /** A word was clicked: play from there; while correcting, only go there, and not away from what is playing. */
  #press(at) {
    this.#lyrics.select(at, { focus: true });
    const start = this.#start();
    if (start === null) return;
    if (!this.#editor.isOpen) this.#playFrom(start);
    else if (!this.#player.isPlaying) this.#seek(start);
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
    this.#full.layOut();
    this.#wave.editing = isOn;
    this.#editor.draw();
  }

  /** Go to the next unsure place, and play it. */
  #nextUnsure() {
    const { corrections } = this.#editor;
    const isHere = $("#lyrics").contains(document.activeElement) || this.#editor.isOpen;
    const next = corrections && nextUnsure(corrections.doc, isHere ? this.#lyrics.at : null);
    if (!next) return;
    if (!this.#editor.isOpen) this.#setEditing(true);
    this.#lyrics.goTo(next.at.line, next.at.word);
    if (!next.span) return this.#player.pause();
    this.#playFrom(next.span.from_s);
    this.#stopAt = next.span.to_s;
  }

  #listenToKeys() {
    const keys = {
      m: () => this.#transport.toggleVocals(),
      e: () => this.#toggleEditing(),
      n: () => this.#nextUnsure(),
      r: () => $("#loop").click(),
      f: () => this.#full.set(!this.#full.isOn),
      T: () => this.#editor.isOpen && this.#practice.tapping.open(),
      ...this.#practice.letters,
      "?": showHelp,
    };
    new Shortcuts({
      isOpen: () => Boolean(this.id),
      editor: this.#editor,
      escape: () => this.#escape(),
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
