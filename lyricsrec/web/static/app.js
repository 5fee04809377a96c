// The page: which view is shown, and what all of them know about jobs.

import * as api from "./api.js";
import { AddForm } from "./add.js";
import { $, say, toast } from "./dom.js";
import * as drafts from "./drafts.js";
import { showHelp } from "./help.js";
import { news } from "./jobs.js";
import { KnownJobs } from "./known.js";
import { Queue } from "./queue.js";
import { Song } from "./song.js";
import { Waiting } from "./waiting.js";

const jobs = new KnownJobs();
const queue = new Queue({ onDelete: forget });
const waiting = new Waiting({ onDelete: forget });
const song = new Song();
const form = new AddForm({ onJob: heard, uploads: $("#uploads") });
let formats = [];

const wantedId = () => new URLSearchParams(location.hash.slice(1)).get("job");

/** Show what the address asks for; leaving a song asks what becomes of its unsaved corrections. */
async function route() {
  const id = wantedId();
  if (song.id && song.id !== id && !(await song.mayLeave())) {
    history.pushState(null, "", `#job=${song.id}`);
    return;
  }
  if (id !== wantedId()) return;
  const job = id ? jobs.get(id) ?? (await find(id)) : null;
  if (id !== wantedId()) return;
  const isReady = job?.state === "done";
  if (!isReady) song.close();
  show(id ? (isReady ? "song" : "waiting") : "home");
  if (isReady) await song.open(job, formats);
  else if (id) waiting.show(job);
  document.title = job ? `${job.name} – lyricsrec` : "lyricsrec";
}

/** A job that no event told of yet; null: there is none. */
async function find(id) {
  try {
    const job = await api.getJob(id);
    jobs.hear(job);
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
  if (before && before !== view) { $("#main").focus({ preventScroll: true }); scrollTo(0, 0); }
}

function heard(job) {
  const said = news(jobs.get(job.id), job);
  if (said) say(said);
  const wasDone = jobs.get(job.id)?.state === "done";
  jobs.hear(job);
  queue.show(jobs.values());
  song.heard(job);
  if (job.id !== wantedId()) return;
  if (job.state === "done" && !wasDone) route();
  else if (job.state !== "done") waiting.show(job);
}

function forget(id) {
  jobs.forget(id);
  drafts.drop(id);
  queue.show(jobs.values());
  if (id === wantedId()) location.hash = "";
}

/** After a connection was made: what was deleted meanwhile goes. */
async function refresh() {
  $("#connection").textContent = "";
  try {
    await jobs.catchUp(api.jobs);
    queue.show(jobs.values());
  } catch (error) {
    queue.fail(error);
  }
}

async function begin() {
  $("#help-button").addEventListener("click", showHelp);
  addEventListener("hashchange", route);
  addEventListener("beforeunload", (event) => { if (song.isDirty) event.preventDefault(); });
  const known = api.models().then((found) => { formats = found.formats; form.offer(found.presets, found.limits); }, (error) => form.fail(error));
  await Promise.all([known, refresh()]);
  api.watch({
    onOpen: refresh, onJob: heard, onDeleted: (id) => { if (id === wantedId()) toast("This song was deleted."); forget(id); },
    onLost: () => { $("#connection").textContent = "Connection lost, trying again …"; },
  });
  await route();
}

begin();
