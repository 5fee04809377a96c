// The view of a song that is not ready: queued, running, failed, cancelled or missing.

import * as api from "./api.js";
import { confirmed } from "./dialogs.js";
import { $, h, setBar, setText, toast } from "./dom.js";
import { t } from "./i18n.js";
import { isOver, songName, stateText } from "./jobs.js";
import { follow, overallText } from "./overall.js";

export class Waiting {
  #onDelete;
  #onAgain;

  constructor({ onDelete, onAgain }) {
    [this.#onDelete, this.#onAgain] = [onDelete, onAgain];
  }

  /** `job` is null if there is no such song. */
  show(job) {
    setText($("#waiting-title"), job ? songName(job) : t("Song not found"));
    const overall = job?.state === "running" && !job.has_lyrics ? follow(job) : null;
    setText(
      $("#waiting-state"),
      overall ? overallText(overall) : job ? stateText(job) : t("It was deleted, or the address is incomplete."),
    );
    showStages(overall?.stages ?? []);
    setText($("#waiting-hint"), job ? hint(job) : "");
    const bar = $("#waiting-bar");
    bar.hidden = !job || isOver(job);
    if (!bar.hidden) setBar(bar, overall?.part ?? 0);
    const actions = $("#waiting-actions");
    const key = job && `${job.id} ${isOver(job)}`;
    if (actions.dataset.key === key) return;
    actions.dataset.key = key;
    actions.replaceChildren(...(job?.created_at ? this.#buttons(job) : []));
  }

  #buttons(job) {
    const stop = () => api.cancel(job.id).catch((error) => toast(error.message));
    if (!isOver(job)) return [h("button", { type: "button", text: t("Cancel"), onclick: stop })];
    return [
      h("button", { type: "button", class: "main", text: t("Try again …"), onclick: () => this.#onAgain(job) }),
      h("button", { type: "button", class: "danger", text: t("Delete"), onclick: () => confirmDelete(job, this.#onDelete) }),
    ];
  }
}

/** The stages of the work, beneath its overall progress. */
function showStages(stages) {
  $("#waiting-stages").hidden = !stages.length;
  $("#waiting-stages").replaceChildren(
    ...stages.map(({ name, part, isNow }) =>
      h(
        "li",
        { class: isNow ? "now" : part === 1 ? "over" : "", "aria-current": isNow && "step", text: name },
        isNow && part > 0 && ` ${Math.round(100 * part)} %`,
      ),
    ),
  );
}

function hint(job) {
  if (job.state === "failed") return api.explain({ message: job.error, hint: job.hint });
  if (job.state === "cancelled") return t("The song is still here: you can try again, with other settings too.");
  return t("You can close this page. Processing continues, and the song will be in your list.");
}

/** Ask for confirmation, then delete a job with all its files. */
export async function confirmDelete(job, onDelete) {
  const text = t("The song, its lyrics and your corrections will be deleted from the server. This cannot be undone.");
  if (!(await confirmed(t("Delete “{name}”?", { name: songName(job) }), text, t("Delete")))) return;
  try {
    await api.remove(job.id);
    onDelete(job.id);
  } catch (error) {
    if (error.status === 404) onDelete(job.id);
    else toast(error.message);
  }
}
