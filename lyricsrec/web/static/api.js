// The REST interface. Errors carry the server's message and hint.

import { t } from "./i18n.js";

export class ApiError extends Error {
  constructor(status, message, hint = null, retryAfter = null) {
    super(message);
    Object.assign(this, { status, hint, retryAfter });
  }
}

/** An error message and its hint, as sentences. */
export const explain = ({ message, hint }) =>
  [message, hint]
    .filter(Boolean)
    .map((text) => (/[.!?…]$/u.test(text) ? text : `${text}.`))
    .join(" ");

const UNREACHABLE = t("The server does not respond. Check that `lyricsrec serve` is still running.");

function errorOf(status, body, retryAfter) {
  if (status === 401)
    return new ApiError(401, t("This server requires an access token."), t("Open the address that `lyricsrec serve` printed."));
  let found = {};
  try {
    found = JSON.parse(body);
  } catch {
    /* Not a response of the application itself. */
  }
  return new ApiError(
    status,
    found.error ?? t("The server responded with status {status}.", { status }),
    found.hint ?? null,
    Number(retryAfter) || null,
  );
}

async function request(path, method = "GET", body = undefined) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  let answer;
  try {
    answer = await fetch(`api/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (!answer.ok) throw errorOf(answer.status, await answer.text(), answer.headers.get("Retry-After"));
  return answer.status === 204 ? null : answer.json();
}

const job = (id) => `jobs/${encodeURIComponent(id)}`;

export const models = () => request("models");
export const jobs = async () => (await request("jobs")).jobs;
export const getJob = (id) => request(job(id));
export const cancel = (id) => request(`${job(id)}/cancel`, "POST");
export const rename = (id, name) => request(job(id), "PATCH", name);
export const previewLyrics = (lyrics) => request("lyrics/preview", "POST", { lyrics });
export const again = (id, wanted) => request(`${job(id)}/again`, "POST", wanted);
export const remove = (id) => request(job(id), "DELETE");
const drawing = (id, kind, track) => request(`${job(id)}/${kind}${track === "mix" ? "" : `?track=${track}`}`);
export const peaks = (id, track = "mix") => drawing(id, "peaks", track);
export const spectrogram = (id, track) => drawing(id, "spectrogram", track);
export const transcript = (id) => request(`${job(id)}/transcript`);
export const save = (id, revision, document) => request(`${job(id)}/transcript`, "PUT", { revision, transcript: document });
export const timeWords = (id, revision, document) => request(`${job(id)}/timing`, "POST", { revision, transcript: document });
export const timedWords = async (id) => (await request(`${job(id)}/timing`)).transcript;
export const stopTiming = (id) => request(`${job(id)}/timing`, "DELETE");
export const revert = (id) => request(`${job(id)}/transcript`, "DELETE");
export const makeTracks = (id) => request(`${job(id)}/stems`, "POST");
export const find = (id, name) => request(`${job(id)}/follow-ups/${name}`, "POST");
export const followUp = (id, name) => request(`${job(id)}/follow-ups/${name}`);

/** The address of a track; instrumental and vocals also in another key (semitones) and tempo (percent). */
export function soundOf(id, track, { semitones = 0, tempo = 100, ...rest } = {}) {
  if (track === "mix") return `api/${job(id)}/audio`;
  const query = new URLSearchParams({ ...(semitones && { semitones }), ...(tempo !== 100 && { tempo }), ...rest }).toString();
  return `api/${job(id)}/stems/${track}${query && `?${query}`}`;
}
export const trackDownloadOf = (id, track, change = {}) => soundOf(id, track, { ...change, download: "true" });

/** Let the server make a file; resolves when it is there. */
export async function prepare(address) {
  const answer = await fetch(address, { headers: { Range: "bytes=0-0" } }).catch(() => {
    throw new ApiError(0, UNREACHABLE);
  });
  if (!answer.ok) throw errorOf(answer.status, await answer.text(), answer.headers.get("Retry-After"));
}
export const karaokeOptions = () => request("karaoke");
export const makeKaraoke = (id, kind, look) => request(`${job(id)}/karaoke/${kind}`, "POST", look);
export const karaokeOf = (id, kind) => `api/${job(id)}/karaoke/${kind}`;
export const downloadOf = (id, format) => `api/${job(id)}/download/${encodeURIComponent(format)}`;

/** Upload a song; `onProgress` gets the fraction sent, 0 to 1, and `signal` aborts the upload. */
export function upload(fields, onProgress, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== null && value !== "") form.append(name, value);
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    sending.onload = () => {
      if (sending.status >= 200 && sending.status < 300) resolve(JSON.parse(sending.responseText));
      else reject(errorOf(sending.status, sending.responseText, sending.getResponseHeader("Retry-After")));
    };
    sending.onerror = () => reject(new ApiError(0, UNREACHABLE));
    sending.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => sending.abort());
    sending.open("POST", "api/jobs");
    sending.send(form);
  });
}

/** Subscribe to all changes of jobs. A lost connection is retried after ever longer pauses, up to 15 s. */
export function watch({ onOpen, onJob, onDeleted, onLost }) {
  let pause = 500;
  const connect = () => {
    const events = new EventSource("api/events");
    events.onopen = () => {
      pause = 500;
      onOpen();
    };
    events.addEventListener("job", (event) => onJob(JSON.parse(event.data)));
    events.addEventListener("deleted", (event) => onDeleted(JSON.parse(event.data).id));
    events.onerror = () => {
      onLost();
      events.close();
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, 15000);
    };
  };
  connect();
}
