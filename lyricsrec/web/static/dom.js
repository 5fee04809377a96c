// Helpers for DOM elements.

export const $ = (selector, root = document) => root.querySelector(selector);

/** Create an element with attributes ("on…": listener, `text`: text content, booleans: attribute present or absent) and children. */
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

/** Set the children of `parent`, moving only those that are elsewhere, so that focus and scroll position stay. */
export function arrange(parent, children) {
  const focused = document.activeElement;
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}

export const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

/** Show progress, 0 to 1, in a `.bar`; null: in progress, but unknown. */
export function setBar(bar, part) {
  bar.classList.toggle("unknown", part === null);
  if (part === null) bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", Math.round(part * 100));
  bar.firstElementChild.style.setProperty("--part", part ?? 0.3);
}

export const bar = (label) =>
  h("div", { class: "bar", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 }, h("i"));

export const prefersReducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Announce a text to screen readers. */
export const announce = (text) => {
  $("#announcement").textContent = text;
};

let hiding = 0;

/** Show a short message. */
export function toast(text) {
  const box = $("#toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(hiding);
  hiding = setTimeout(() => box.classList.remove("shown"), 4000);
}
