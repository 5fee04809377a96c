// What the view of a song says about it: name, facts, warning and notes.

import { $, h, setText } from "./dom.js";
import { t } from "./i18n.js";
import { expiryText, facts, songName } from "./jobs.js";
import { plainNotes, warningOf } from "./remarks.js";

/** Show what the song of `job` has, until when it is kept, and what puts its lyrics `doc`, once loaded, in doubt. */
export function showHead(job, doc) {
  setText($("#song-name"), songName(job));
  const about = [
    facts({ ...job, sung_language: job.sung_language ?? doc?.provenance?.language }),
    job.kind === "align" ? null : job.preset,
    expiryText(job),
  ];
  setText($("#song-facts"), about.filter(Boolean).join(" · "));
  const warning = job.warning ?? warningOf(doc?.notes);
  $("#warning").hidden = !warning;
  setText($("#warning-text"), warning ?? "");
  // Notes that are not shown elsewhere are folded away.
  const notes = plainNotes(doc?.notes);
  $("#notes").hidden = !notes.length;
  setText($("#notes summary"), t("Notes ({n})", { n: notes.length }));
  $("#notes ul").replaceChildren(...notes.map((text) => h("li", { text })));
}
