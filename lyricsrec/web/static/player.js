// The player: one audio element for each track. The active track plays; the others follow it muted, so that switching
// tracks is immediate and in sync. In the "blend", instrumental and vocals play together, each with its own level.

const SYNC_S = 0.02;
const JUMP_S = 0.3;
const FADE_MS = 50;
const CLOSE_S = 0.004;
/** The name of a sound that plays until its track is there anew. */
const OUTGOING = "outgoing";

function drop(sound) {
  sound.pause();
  sound.removeAttribute("src");
  sound.load();
  sound.remove();
}

export class Player extends EventTarget {
  #sounds = new Map();
  #active = null;
  #requested = "mix";
  #isBlend = false;
  #levels = { instrumental: 1, vocals: 1 };
  #addresses = {};
  #rate = 1;
  #volume = 1;
  #root;
  #following = 0;

  /** `root` is the element that gets the audio elements. */
  constructor(root) {
    super();
    this.#root = root;
  }

  /** Load a song: `addresses` of its tracks by name; "mix" is active first. */
  load(addresses) {
    this.unload();
    this.#addresses = addresses;
    [this.#requested, this.#isBlend] = ["mix", false];
    this.#active = this.#sound("mix");
    this.#active.muted = false;
    this.#following = setInterval(() => this.#follow(), FADE_MS);
  }

  /** The tracks of the same song have changed; those that were loaded from another address are loaded anew. */
  offer(addresses) {
    const old = this.#addresses;
    this.#addresses = addresses;
    const stale = [...this.#sounds.keys()].filter((track) => old[track] !== addresses[track] && addresses[track]);
    for (const track of stale) this.#renew(track);
    if (stale.length) this.switchTo(this.track);
  }

  /** Load a track anew; one that plays is replaced once the new one is in sync. */
  #renew(track) {
    const sound = this.#sounds.get(track);
    this.#sounds.delete(track);
    if (sound === this.#active) this.#sounds.set(OUTGOING, sound);
    else drop(sound);
  }

  unload() {
    clearInterval(this.#following);
    for (const sound of this.#sounds.values()) drop(sound);
    this.#sounds.clear();
    this.#active = null;
  }

  get time() {
    return this.#active?.currentTime ?? 0;
  }
  get isPlaying() {
    return Boolean(this.#active && !this.#active.paused);
  }
  get track() {
    return this.#isBlend ? "blend" : this.#requested;
  }
  get duration() {
    return this.#active?.duration;
  }

  /** Seek to a time; dispatches "seek" unless `isRepeat`. */
  seek(seconds, { isRepeat = false } = {}) {
    const at = Math.max(0, Math.min(seconds, Number.isFinite(this.duration) ? this.duration : seconds));
    for (const sound of this.#sounds.values()) sound.currentTime = at;
    if (!isRepeat) this.dispatchEvent(new Event("seek"));
  }

  toggle() {
    return this.isPlaying ? this.pause() : this.onStart();
  }

  /** What `toggle` does to start playback: a count-in may come first. */
  onStart = () => this.play();

  play() {
    for (const sound of this.#sounds.values()) this.#start(sound);
  }

  pause() {
    for (const sound of this.#sounds.values()) sound.pause();
  }

  get rate() {
    return this.#rate;
  }
  set rate(rate) {
    this.#rate = rate;
    for (const sound of this.#sounds.values()) sound.playbackRate = rate;
  }

  set volume(volume) {
    this.#volume = volume;
    this.#level();
  }

  /** The levels of the blend, {instrumental, vocals}, 0 to 1. */
  set levels(levels) {
    this.#levels = levels;
    this.#level();
  }

  #level() {
    for (const sound of this.#sounds.values()) sound.volume = this.#volume * (this.#isBlend ? (this.#levels[sound.dataset.track] ?? 1) : 1);
  }

  /** Switch to another track. */
  switchTo(track) {
    this.#isBlend = track === "blend";
    this.#requested = this.#isBlend ? "instrumental" : track;
    const sound = this.#sound(this.#requested);
    if (this.#isBlend) this.#join();
    else for (const other of this.#sounds.values()) other.muted = other !== this.#active;
    this.#level();
    if (sound === this.#active) return;
    if (!this.isPlaying) return this.#change(sound);
    sound.currentTime = this.time;
    this.#start(sound);
  }

  /** Let the vocals play along; they are heard once they are in sync. */
  #join() {
    const vocals = this.#sound("vocals");
    vocals.currentTime = this.time;
    if (this.isPlaying) this.#start(vocals);
  }

  #start(sound) {
    sound.play().catch((error) => {
      if (error.name !== "AbortError") this.#fail(sound);
    });
  }

  #sound(track) {
    const known = this.#sounds.get(track);
    if (known) return known;
    const sound = Object.assign(document.createElement("audio"), { preload: "auto", muted: true, src: this.#addresses[track] });
    sound.dataset.track = track;
    sound.preservesPitch = true;
    sound.playbackRate = sound.defaultPlaybackRate = this.#rate;
    for (const name of ["play", "pause", "ended", "durationchange"])
      sound.addEventListener(name, () => sound === this.#active && this.dispatchEvent(new Event(name)));
    sound.addEventListener("error", () => this.#sounds.get(track) === sound && this.#fail(sound));
    this.#sounds.set(track, sound);
    this.#root.append(sound);
    this.#level();
    return sound;
  }

  #fail(sound) {
    if (sound !== this.#active && this.#sounds.get(this.#requested) === sound) this.#requested = this.#active.dataset.track;
    this.dispatchEvent(new CustomEvent("fail", { detail: sound.dataset.track }));
  }

  #change(sound) {
    const before = this.#active;
    if (!this.isPlaying) sound.currentTime = before.currentTime;
    sound.playbackRate = this.#rate;
    [before.muted, sound.muted] = [true, false];
    this.#active = sound;
    if (this.#sounds.get(OUTGOING) === before) {
      this.#sounds.delete(OUTGOING);
      drop(before);
    }
    this.dispatchEvent(new Event("track"));
  }

  /** Keep muted tracks in sync with the active one, and switch to the requested track as soon as it is in sync. */
  #follow() {
    if (!this.isPlaying || this.#active.seeking) return;
    for (const sound of this.#sounds.values()) {
      if (sound === this.#active || sound === this.#sounds.get(OUTGOING) || sound.seeking || sound.readyState < 3) continue;
      const late = this.time - sound.currentTime;
      if (sound.paused && !this.#active.ended) this.#start(sound);
      if (Math.abs(late) > JUMP_S) sound.currentTime = this.time + 0.05;
      else if (Math.abs(late) < CLOSE_S) sound.playbackRate = this.#rate;
      else sound.playbackRate = this.#rate * (1 + Math.max(-0.5, Math.min(late * 5, 0.5)));
      const isHeard = this.#isBlend && sound.dataset.track === "vocals" && this.#active === this.#sounds.get("instrumental");
      sound.muted = !isHeard || Math.abs(late) > SYNC_S * 2;
      if (sound.dataset.track === this.#requested && Math.abs(late) <= SYNC_S) return this.#change(sound);
    }
  }
}
