// localStorage with a fallback: if it is full or blocked, values last as long as this page.

const fallback = new Map();

export function read(key) {
  if (fallback.has(key)) return fallback.get(key);
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function write(key, value) {
  fallback.delete(key);
  try {
    localStorage.setItem(key, value);
  } catch {
    fallback.set(key, value);
  }
}

export function remove(key) {
  fallback.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    /* Storage is blocked. */
  }
}
