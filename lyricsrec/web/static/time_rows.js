// The row of buttons that move an edge of the selected word.

import { h } from "./dom.js";
import { t } from "./i18n.js";

const EDGES = {
  start: {
    name: t("Start"),
    later: t("Start {n} ms later"),
    earlier: t("Start {n} ms earlier"),
    now: t("Start now, at the playhead"),
    key: ",",
  },
  end: { name: t("End"), later: t("End {n} ms later"), earlier: t("End {n} ms earlier"), now: t("End now, at the playhead"), key: "." },
};

/** The row of the "start" or the "end"; `onNudge(seconds)` moves it. */
export function timeRow(edge, onNudge) {
  const { name, later, earlier, now, key } = EDGES[edge];
  const step = (ms) =>
    h("button", {
      type: "button",
      class: Math.abs(ms) > 10 ? "small far" : "small",
      text: `${ms > 0 ? "+" : "−"}${Math.abs(ms)}`,
      "aria-label": (ms > 0 ? later : earlier).replace("{n}", Math.abs(ms)),
      onclick: () => onNudge(ms / 1000),
    });
  return h(
    "div",
    { class: "time-row", role: "group", "aria-label": name },
    h("span", { class: "quiet", text: name }),
    step(-100),
    step(-10),
    h("output", { id: `${edge}-time` }),
    step(10),
    step(100),
    h("button", { type: "button", class: "small", "data-command": `${edge}here`, text: t("Now"), "aria-label": now, title: key }),
  );
}
