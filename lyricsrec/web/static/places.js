// Places of the song that lack lyrics, shown between the lines: a voice without words, or text that was left out.

import { clock } from "./clock.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { openPlaces } from "./remarks.js";

const TEXTS = { gap: [t("A voice without lyrics"), t("Add lyrics")], dropped: [t("Left out as unlikely:"), t("Take back")] };

export class Places {
  #shown = [];
  #on;

  /** `on.play(place)`, `on.fill(place)`. */
  constructor(on) {
    this.#on = on;
  }

  /** `rows` are the elements of the lines of `doc`. */
  show(rows, doc) {
    for (const strip of this.#shown) strip.remove();
    this.#shown = openPlaces(doc)
      .filter(() => rows.length)
      .map((place) => {
        const strip = this.#strip(place);
        if (place.line < rows.length) rows[place.line].prepend(strip);
        else rows.at(-1).append(strip);
        return strip;
      });
  }

  #strip(place) {
    const [about, action] = TEXTS[place.kind];
    const times = `${clock(place.from_s)}–${clock(place.to_s)}`;
    return h(
      "div",
      { class: `place ${place.kind}`, role: "group", "aria-label": `${about} ${times}` },
      h("button", {
        type: "button",
        class: "small",
        text: `▶ ${times}`,
        "aria-label": t("Play {times}", { times }),
        onclick: () => this.#on.play(place),
      }),
      h("span", { text: about }),
      place.text && h("s", { dir: "auto", text: place.text }),
      h("button", { type: "button", class: "small", text: action, onclick: () => this.#on.fill(place) }),
    );
  }
}
