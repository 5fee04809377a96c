// The help, and the setting for single-letter shortcuts (which interfere with voice control).

import { HELP } from "./commands.js";
import { $, h } from "./dom.js";
import { t } from "./i18n.js";
import * as storage from "./storage.js";

const KEY = "lyricsrec.letters";
const NAMES = {
  Space: t("Space"),
  Enter: t("Enter"),
  Delete: t("Del"),
  Shift: t("Shift|key"),
  Ctrl: t("Ctrl"),
};

export const letterShortcuts = () => storage.read(KEY) !== "off";

export function showHelp() {
  const keys = $("#keys");
  if (!keys.children.length) {
    keys.append(
      ...HELP.map(([title, rows]) =>
        h(
          "section",
          {},
          h("h3", { text: title }),
          h(
            "dl",
            {},
            ...rows.map(([key, text]) =>
              h("div", {}, h("dt", {}, ...key.split(" ").map((part) => h("kbd", { text: NAMES[part] ?? part }))), h("dd", { text })),
            ),
          ),
        ),
      ),
    );
    $("#letters").addEventListener("change", (event) => storage.write(KEY, event.target.checked ? "on" : "off"));
  }
  $("#letters").checked = letterShortcuts();
  $("#help").showModal();
}
