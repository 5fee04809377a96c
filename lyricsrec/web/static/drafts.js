// Corrections that are not saved yet, kept in this browser: a closed tab or an empty battery loses none.

import * as storage from "./storage.js";

const KEY = "lyricsrec.draft.";

/** Keep {revision, doc} of a song; where the browser keeps nothing, the tab itself has to do. */
export const keep = (id, draft) => storage.write(KEY + id, JSON.stringify(draft));

export function find(id) {
  try { return JSON.parse(storage.read(KEY + id)); } catch { return null; }
}

export const drop = (id) => storage.forget(KEY + id);
