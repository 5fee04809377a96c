// The sound: one audio element a track. What is heard plays as it should; the others follow it in silence, so that a change
// of tracks is heard at once and in time.

const SYNC_S = 0.02;
const JUMP_S = 0.3;
const FADE_MS = 50;

export class Player extends EventTarget {
  #sounds = new Map();
  #heard = null;
  #wanted = "mix";
  #addresses = {};
  #rate = 1;
  #volume = 1;
  #root;
  #following = 0;

  /** `root` is the element that the audio elements are put into. */
  constructor(root) {
    super();
    this.#root = root;
  }

  /** Take a song: `addresses` of its tracks by name; "mix" is heard first. */
  load(addresses) {
    this.unload();
    this.#addresses = addresses;
    this.#wanted = "mix";
    this.#heard = this.#sound("mix");
    this.#heard.muted = false;
    this.#following = setInterval(() => this.#follow(), FADE_MS);
  }

  unload() {
    clearInterval(this.#following);
    for (const sound of this.#sounds.values()) { sound.pause(); sound.removeAttribute("src"); sound.load(); sound.remove(); }
    this.#sounds.clear();
    this.#heard = null;
  }

  get time() { return this.#heard?.currentTime ?? 0; }
  get isPlaying() { return Boolean(this.#heard && !this.#heard.paused); }
  get track() { return this.#wanted; }
  get duration() { return this.#heard?.duration; }

  /** Go to a time; "seek" tells of it, unless it only repeats. */
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

  /** Hear another track from now on. */
  hear(track) {
    this.#wanted = track;
    const sound = this.#sound(track);
    if (sound === this.#heard) return;
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
      sound.addEventListener(name, () => sound === this.#heard && this.dispatchEvent(new Event(name)));
    sound.addEventListener("error", () => this.#sounds.get(track) === sound && this.#fail(sound));
    this.#sounds.set(track, sound);
    this.#root.append(sound);
    return sound;
  }

  #fail(sound) {
    if (sound !== this.#heard && this.#sounds.get(this.#wanted) === sound) this.#wanted = this.#heard.dataset.track;
    this.dispatchEvent(new CustomEvent("fail", { detail: sound.dataset.track }));
  }

  #change(sound) {
    const before = this.#heard;
    if (!this.isPlaying) sound.currentTime = before.currentTime;
    sound.playbackRate = this.#rate;
    [before.muted, sound.muted] = [true, false];
    this.#heard = sound;
    this.dispatchEvent(new Event("track"));
  }

  /** Keep silent tracks beside the heard one, and change to the wanted one as soon as it is in time. */
  #follow() {
    if (!this.isPlaying || this.#heard.seeking) return;
    for (const sound of this.#sounds.values()) {
      if (sound === this.#heard || sound.seeking || sound.readyState < 3) continue;
      const late = this.time - sound.currentTime;
      if (sound.paused && !this.#heard.ended) this.#start(sound);
      if (Math.abs(late) > JUMP_S) sound.currentTime = this.time + 0.05;
      else sound.playbackRate = this.#rate * (1 + Math.max(-0.5, Math.min(late * 5, 0.5)));
      if (sound.dataset.track === this.#wanted && Math.abs(late) <= SYNC_S) return this.#change(sound);
    }
  }
}
