// The player: one audio element for each track. The active track plays; the others follow it muted, so that switching
// tracks is immediate and in sync.

const SYNC_S = 0.02;
const JUMP_S = 0.3;
const FADE_MS = 50;

export class Player extends EventTarget {
  #sounds = new Map();
  #active = null;
  #requested = "mix";
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
    this.#requested = "mix";
    this.#active = this.#sound("mix");
    this.#active.muted = false;
    this.#following = setInterval(() => this.#follow(), FADE_MS);
  }

  /** The tracks of the same song have changed. */
  offer(addresses) { this.#addresses = addresses; }

  unload() {
    clearInterval(this.#following);
    for (const sound of this.#sounds.values()) { sound.pause(); sound.removeAttribute("src"); sound.load(); sound.remove(); }
    this.#sounds.clear();
    this.#active = null;
  }

  get time() { return this.#active?.currentTime ?? 0; }
  get isPlaying() { return Boolean(this.#active && !this.#active.paused); }
  get track() { return this.#requested; }
  get duration() { return this.#active?.duration; }

  /** Seek to a time; dispatches "seek" unless `isRepeat`. */
  seek(seconds, { isRepeat = false } = {}) {
    const at = Math.max(0, Math.min(seconds, Number.isFinite(this.duration) ? this.duration : seconds));
    for (const sound of this.#sounds.values()) sound.currentTime = at;
    if (!isRepeat) this.dispatchEvent(new Event("seek"));
  }

  toggle() { return this.isPlaying ? this.pause() : this.play(); }

  play() {
    for (const sound of this.#sounds.values()) this.#start(sound);
  }

  pause() {
    for (const sound of this.#sounds.values()) sound.pause();
  }

  set rate(rate) {
    this.#rate = rate;
    for (const sound of this.#sounds.values()) sound.playbackRate = rate;
  }

  set volume(volume) {
    this.#volume = volume;
    for (const sound of this.#sounds.values()) sound.volume = volume;
  }

  /** Switch to another track. */
  switchTo(track) {
    this.#requested = track;
    const sound = this.#sound(track);
    if (sound === this.#active) return;
    if (!this.isPlaying) return this.#change(sound);
    sound.currentTime = this.time;
    this.#start(sound);
  }

  #start(sound) {
    sound.play().catch((error) => { if (error.name !== "AbortError") this.#fail(sound); });
  }

  #sound(track) {
    const known = this.#sounds.get(track);
    if (known) return known;
    const sound = Object.assign(document.createElement("audio"), { preload: "auto", muted: true, src: this.#addresses[track] });
    sound.dataset.track = track;
    sound.playbackRate = sound.defaultPlaybackRate = this.#rate;
    sound.volume = this.#volume;
    for (const name of ["play", "pause", "ended", "durationchange"])
      sound.addEventListener(name, () => sound === this.#active && this.dispatchEvent(new Event(name)));
    sound.addEventListener("error", () => this.#sounds.get(track) === sound && this.#fail(sound));
    this.#sounds.set(track, sound);
    this.#root.append(sound);
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
    this.dispatchEvent(new Event("track"));
  }

  /** Keep muted tracks in sync with the active one, and switch to the requested track as soon as it is in sync. */
  #follow() {
    if (!this.isPlaying || this.#active.seeking) return;
    for (const sound of this.#sounds.values()) {
      if (sound === this.#active || sound.seeking || sound.readyState < 3) continue;
      const late = this.time - sound.currentTime;
      if (sound.paused && !this.#active.ended) this.#start(sound);
      if (Math.abs(late) > JUMP_S) sound.currentTime = this.time + 0.05;
      else sound.playbackRate = this.#rate * (1 + Math.max(-0.5, Math.min(late * 5, 0.5)));
      if (sound.dataset.track === this.#requested && Math.abs(late) <= SYNC_S) return this.#change(sound);
    }
  }
}
