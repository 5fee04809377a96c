// The controls of the player.

import * as api from "./api.js";
import { clock, inWords } from "./clock.js";
import { $, announce, setText } from "./dom.js";
import { t } from "./i18n.js";
import { isOver, percent, TRACKS, tracksOf } from "./jobs.js";
import { Key } from "./pitch.js";
import * as storage from "./storage.js";

const VOLUME = "lyricsrec.volume";

export class Transport {
  #player;
  #duration = 0;
  #key;
  #id = null;
  #tracks = [];
  #shown = -1;

  constructor(player) {
    this.#player = player;
    this.#key = new Key(player, {
      change: (track) => this.#changeKey(track),
      fail: (error) => setText($("#sound-problem"), api.explain(error)),
    });
    $("#play").addEventListener("click", () => player.toggle());
    $("#position").addEventListener("input", (event) => player.seek(event.target.valueAsNumber));
    $("#speed").addEventListener("change", (event) => {
      player.rate = Number(event.target.value);
    });
    $("#volume").addEventListener("input", (event) => this.#setVolume(event.target.valueAsNumber));
    $("#tracks").addEventListener("change", (event) => {
      player.switchTo(event.target.value);
      this.#drawLevels();
      this.#key.follow();
    });
    $("#levels").addEventListener("input", () => {
      player.levels = { instrumental: $("#level-instrumental").valueAsNumber, vocals: $("#level-vocals").valueAsNumber };
    });
    $("#make-tracks").addEventListener("click", () => this.#makeTracks());
    for (const name of ["play", "pause", "ended"]) player.addEventListener(name, () => this.#drawPlay());
    player.addEventListener("durationchange", () => this.#setDuration(player.duration));
    player.addEventListener("track", () => announce(t("Track: {name}", { name: TRACKS[player.track] })));
    player.addEventListener("fail", (event) => this.#fail(event.detail));
    $("#volume").value = storage.read(VOLUME) ?? "1";
    player.volume = $("#volume").valueAsNumber;
  }

  load(job) {
    this.#id = job.id;
    $("#tracks [value=mix]").checked = true;
    $("#speed").value = "1";
    setText($("#sound-problem"), "");
    this.#player.rate = 1;
    this.#key.load(job.id);
    this.update(job);
    this.#player.load(this.#addresses());
    this.#setDuration(job.duration_s ?? 0);
    this.#drawPlay();
  }

  /** Show which tracks the job has, or that they are in the making, or why there are none. */
  update(job) {
    this.#tracks = tracksOf(job);
    for (const input of $("#tracks").querySelectorAll("input")) input.parentElement.hidden = !this.#offers(input.value);
    if ($("#tracks input:checked")?.parentElement.hidden) $("#tracks [value=mix]").checked = true;
    this.#drawLevels();
    $("#tracks").hidden = !this.#tracks.length;
    const isMaking = !isOver(job) && job.stems && !this.#tracks.length;
    $("#make-tracks").hidden = !isOver(job) || this.#tracks.length > 0 || Boolean(job.stems_note);
    const making =
      job.state === "running" && job.progress !== null
        ? t("Making instrumental and vocals, {percent} %", { percent: percent(job) })
        : t("Making instrumental and vocals");
    setText($("#tracks-note"), isMaking ? making : (job.stems_note ?? ""));
    this.#player.offer(this.#addresses());
    this.#key.offer(this.#tracks);
  }

  /** The tracks are there in another key. */
  #changeKey(track) {
    setText($("#sound-problem"), "");
    this.#player.offer(this.#addresses());
    $(`#tracks [value=${track}]`).checked = true;
    this.#drawLevels();
    this.#player.switchTo(track);
  }

  #offers(track) {
    return track === "mix" || (track === "blend" ? this.#tracks.length === 2 : this.#tracks.includes(track));
  }

  #drawLevels() {
    $("#levels").hidden = $("#tracks input:checked").value !== "blend";
  }

  #addresses() {
    return Object.fromEntries(
      ["mix", ...this.#tracks].map((track) => [track, api.soundOf(this.#id, track, { semitones: this.#key.semitones })]),
    );
  }

  async #makeTracks() {
    $("#make-tracks").disabled = true;
    try {
      this.update(await api.makeTracks(this.#id));
    } catch (error) {
      setText($("#sound-problem"), api.explain(error));
    }
    $("#make-tracks").disabled = false;
  }

  /** Mute or unmute the vocals. */
  toggleVocals() {
    if (!this.#tracks.includes("instrumental")) return;
    const track = this.#player.track === "instrumental" ? "mix" : "instrumental";
    $(`#tracks [value=${track}]`).checked = true;
    this.#drawLevels();
    this.#player.switchTo(track);
    this.#key.follow();
  }

  #setVolume(volume) {
    this.#player.volume = volume;
    storage.write(VOLUME, volume);
  }

  #setDuration(seconds) {
    if (!Number.isFinite(seconds) || seconds <= 0) return;
    this.#duration = seconds;
    $("#position").max = seconds;
    setText($("#length"), clock(seconds));
    this.#shown = -1;
  }

  #drawPlay() {
    $("#play").setAttribute("aria-label", this.#player.isPlaying ? t("Pause") : t("Play"));
    $("#play").classList.toggle("playing", this.#player.isPlaying);
  }

  #fail(track) {
    const text =
      track === "mix"
        ? t("This browser cannot play the song's audio format. The lyrics are complete.")
        : t("This track could not be played.");
    setText($("#sound-problem"), text);
    $(`#tracks [value=${this.#player.track}]`).checked = true;
  }

  tick() {
    const { time } = this.#player;
    if (time === this.#shown) return;
    const slider = $("#position");
    slider.value = time;
    slider.style.setProperty("--part", this.#duration ? time / this.#duration : 0);
    if (Math.floor(time) !== Math.floor(this.#shown))
      slider.setAttribute("aria-valuetext", t("{time} of {length}", { time: inWords(time), length: inWords(this.#duration) }));
    this.#shown = time;
    setText($("#now"), clock(time, 1));
  }
}
