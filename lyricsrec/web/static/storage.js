// What this browser keeps for the page. Where it has no room, or keeps nothing for anybody (blocked site data), this
// visit's page does.

const here = new Map();

export function read(key) {
  if (here.has(key)) return here.get(key);
  try { return localStorage.getItem(key); } catch { return null; }
}

export function write(key, value) {
  here.delete(key);
  try { localStorage.setItem(key, value); } catch { here.set(key, value); }
}

export function forget(key) {
  here.delete(key);
  try { localStorage.removeItem(key); } catch { /* Nothing was kept. */ }
}
