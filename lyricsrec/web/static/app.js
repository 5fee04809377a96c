// Entry point of the page: which view is shown, and the jobs that all views share.

import { AddForm } from "./add_form.js";
import { Again } from "./again.js";
import * as api from "./api.js";
import { $, announce, toast } from "./dom.js";
import * as drafts from "./drafts.js";
import { showHelp } from "./help.js";
import { t, translatePage } from "./i18n.js";
import { registerWorker } from "./install.js";
import { JobCache } from "./job_cache.js";
import { announcement, songName } from "./jobs.js";
import { offerLanguages } from "./page_language.js";
import { Queue } from "./queue.js";
import { Song } from "./song.js";
import { Waiting } from "./waiting.js";

translatePage();
const jobs = new JobCache();
const again = new Again((job) => {
  update(job);
  location.hash = `job=${encodeURIComponent(job.id)}`;
});
const askAgain = (job, kind, lyrics) => again.ask(jobs.get(job.id) ?? job, kind, lyrics);
const queue = new Queue({ onDelete: remove, onAgain: askAgain });
const waiting = new Waiting({ onDelete: remove, onAgain: askAgain });
const song = new Song({ onAgain: askAgain });
const form = new AddForm({ onJob: update, uploads: $("#uploads") });
let formats = [];

const wantedId = () => new URLSearchParams(location.hash.slice(1)).get("job");

/** Show the view that the address names; before leaving a song, ask what to do with unsaved corrections. */
async function route() {
  const id = wantedId();
  if (song.id && song.id !== id && !(await song.mayLeave())) {
    history.pushState(null, "", `#job=${song.id}`);
    return;
  }
  if (id !== wantedId()) return;
  const job = id ? (jobs.get(id) ?? (await find(id))) : null;
  if (id !== wantedId()) return;
  const isReady = Boolean(job?.has_lyrics);
  if (!isReady) song.close();
  show(id ? (isReady ? "song" : "waiting") : "home");
  if (isReady) await song.open(job, formats);
  else if (id) waiting.show(job);
  document.title = job ? `${job.title ? songName(job) : job.name} – lyricsrec` : "lyricsrec";
}

/** A job for which no event has arrived yet, from the server; null if there is none. */
async function find(id) {
  try {
    const job = await api.getJob(id);
    jobs.update(job);
    return job;
  } catch (error) {
    if (error.status === 404) return null;
    return { id, name: "", state: "failed", error: error.message, hint: error.hint };
  }
}

function show(view) {
  const before = document.body.dataset.view;
  for (const name of ["home", "waiting", "song"]) $(`#${name}`).hidden = name !== view;
  document.body.dataset.view = view;
  if (before && before !== view) {
    $("#main").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

function update(job) {
  const text = announcement(jobs.get(job.id), job);
  if (text) announce(text);
  const wasReady = jobs.get(job.id)?.has_lyrics;
  jobs.update(job);
  queue.show(jobs.values());
  song.update(job);
  if (job.id !== wantedId()) return;
  if (job.has_lyrics && !wasReady) route();
  else if (!job.has_lyrics) waiting.show(job);
}

function remove(id) {
  jobs.remove(id);
  drafts.drop(id);
  queue.show(jobs.values());
  if (id === wantedId()) location.hash = "";
}

/** After each (re)connection: load the list, so that jobs that were deleted meanwhile disappear. */
async function refresh() {
  $("#connection").textContent = "";
  try {
    await jobs.reload(api.jobs);
    queue.show(jobs.values());
  } catch (error) {
    queue.fail(error);
  }
}

async function begin() {
  $("#help-button").addEventListener("click", showHelp);
  offerLanguages($("#page-language"));
  addEventListener("hashchange", route);
  addEventListener("beforeunload", (event) => {
    if (song.isDirty) event.preventDefault();
  });
  const options = api.models().then(
    (found) => {
      formats = found.formats;
      again.offer(found.presets);
      song.music.offer(found.follow_ups ?? []);
      form.offer(found.presets, found.limits, found.lyrics_suffixes);
    },
    (error) => form.fail(error),
  );
  await Promise.all([options, refresh()]);
  api.watch({
    onOpen: refresh,
    onJob: update,
    onDeleted: (id) => {
      if (id === wantedId()) toast(t("This song was deleted."));
      remove(id);
    },
    onLost: () => {
      $("#connection").textContent = t("Connection lost, trying again …");
    },
  });
  await route();
}

begin();
registerWorker();
