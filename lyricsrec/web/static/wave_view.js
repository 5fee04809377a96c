// What the waveform shows: the song, the voice in front of the song, or the spectrogram of the voice.

import * as api from "./api.js";
import { $, h, toast } from "./dom.js";
import { t } from "./i18n.js";
import { tracksOf } from "./jobs.js";
import { decode } from "./spectrogram.js";
import * as storage from "./storage.js";

const KEY = "lyricsrec.wave_view";

export class WaveView {
  #wave;
  #id = null;
  #hasVoice = false;
  #turn = 0;
  #known = new Map();
  #select = h(
    "select",
    { id: "wave-view", "aria-label": t("What the waveform shows") },
    h("option", { value: "song", text: t("Waveform") }),
    h("option", { value: "voice", text: t("Voice") }),
    h("option", { value: "spectrogram", text: t("Spectrogram") }),
  );

  constructor(wave) {
    this.#wave = wave;
    $(".zoom").prepend(this.#select);
    this.#select.addEventListener("change", () => {
      storage.write(KEY, this.#select.value);
      this.#show();
    });
  }

  /** The song has changed, or the tracks that it has. */
  load(job) {
    const hasVoice = tracksOf(job).includes("vocals");
    if (job.id === this.#id && hasVoice === this.#hasVoice) return;
    [this.#id, this.#hasVoice] = [job.id, hasVoice];
    this.#known.clear();
    this.#select.options[1].hidden = !hasVoice;
    const kept = storage.read(KEY) ?? "voice";
    this.#select.value = kept === "voice" && !hasVoice ? "song" : kept;
    this.#show();
  }

  async #show() {
    this.#turn += 1;
    const turn = this.#turn;
    const view = this.#select.value;
    $("#wave").dataset.view = view;
    this.#wave.layers = {};
    if (view === "song") return;
    try {
      const layers = await this.#read(view);
      if (turn === this.#turn) this.#wave.layers = layers;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#known.delete(view);
      this.#select.value = $("#wave").dataset.view = "song";
      if (view === "spectrogram") toast(api.explain(error));
    }
  }

  #read(view) {
    const track = this.#hasVoice ? "vocals" : "mix";
    const load = {
      voice: async () => ({ voice: await api.peaks(this.#id, track) }),
      spectrogram: async () => ({ spectrogram: decode(await api.spectrogram(this.#id, track)) }),
    }[view];
    if (!this.#known.has(view)) this.#known.set(view, load());
    return this.#known.get(view);
  }
}
