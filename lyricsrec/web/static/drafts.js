// Corrections that are not saved yet, kept in this browser: a closed tab or an empty battery loses none.

const KEY = "lyricsrec.draft.";

/** Keep {revision, doc} of a song; where the browser has no room, the tab itself has to do. */
export function keep(id, draft) {
  try { localStorage.setItem(KEY + id, JSON.stringify(draft)); } catch { /* Full, or not allowed. */ }
}

export function find(id) {
  try { return JSON.parse(localStorage.getItem(KEY + id)); } catch { return null; }
}

export const drop = (id) => localStorage.removeItem(KEY + id);
