// Unsaved corrections, stored in this browser, so that closing the tab does not lose them.

import * as storage from "./storage.js";

const KEY = "lyricsrec.draft.";

/** Store the draft {revision, doc} of a song. */
export const keep = (id, draft) => storage.write(KEY + id, JSON.stringify(draft));

export function find(id) {
  try {
    return JSON.parse(storage.read(KEY + id));
  } catch {
    return null;
  }
}

export const drop = (id) => storage.remove(KEY + id);
