// Small helpers for elements.

export const $ = (selector, root = document) => root.querySelector(selector);

/** An element with attributes ("on…" are listeners, `text` is its text, booleans switch attributes) and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter(Boolean));
  return element;
}

/** Make `children` the children of `parent`, moving only those that are elsewhere, so that focus and scroll stay. */
export function arrange(parent, children) {
  const focused = document.activeElement;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}

export const setText = (element, text) => { if (element.textContent !== text) element.textContent = text; };

/** Show how far something is, 0 to 1, in a `.bar`; null: under way, but nobody knows how far. */
export function setBar(bar, part) {
  bar.classList.toggle("unknown", part === null);
  if (part === null) bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", Math.round(part * 100));
  bar.firstElementChild.style.setProperty("--part", part ?? 0.3);
}

export const bar = (label) =>
  h("div", { class: "bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 }, h("i"));

export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Say something to screen readers only. */
export const say = (text) => { $("#news").textContent = text; };

let hiding = 0;

/** Show a short message to everybody. */
export function toast(text) {
  const box = $("#toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => box.classList.remove("shown"), 4000);
}
