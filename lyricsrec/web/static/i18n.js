// The language of the page. English texts are the keys of `languages/CODE.json`; a text that a file lacks stays English.

import * as storage from "./storage.js";

const KEY = "lyricsrec.language";
const ATTRIBUTES = ["aria-label", "title", "placeholder"];

/** The languages of the page, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español" };

const has = (code) => Object.hasOwn(LANGUAGES, code ?? "");

/** The language that was chosen here, or else the first of the browser's languages that the page speaks. */
function preferred() {
  const kept = storage.read(KEY);
  if (has(kept)) return kept;
  return (navigator.languages ?? [navigator.language]).map((tag) => tag.split("-")[0]).find(has) ?? "en";
}

async function load(code) {
  if (code === "en") return new Map();
  try {
    const answer = await fetch(new URL(`languages/${code}.json`, import.meta.url));
    return answer.ok ? new Map(Object.entries(await answer.json())) : null;
  } catch {
    return null;
  }
}

const wanted = preferred();
// Awaited here, so that every module that imports `t` can use it at once.
const texts = await load(wanted);

/** The code of the language that the page speaks. */
export const language = texts ? wanted : "en";

/** Choose a language for this browser; the page must be loaded again. */
export const choose = (code) => storage.write(KEY, code);

const rules = new Intl.PluralRules(language);

const fill = (text, values) => text.replace(/\{(\w+)\}/gu, (all, name) => values[name] ?? all);

/** An English text in the language of the page; `{name}` stands for a value. What follows "|" tells apart two meanings of one text. */
export const t = (text, values = {}) => fill(texts?.get(text) ?? text.split("|")[0], values);

/** A text with a number `{n}`, given in English in its singular and plural; the plural is the key of the forms in a language file. */
export function tn(n, one, other, values = {}) {
  const forms = texts?.get(other);
  const text = forms ? (forms[rules.select(n)] ?? forms.other) : n === 1 ? one : other;
  return fill(text, { n, ...values });
}

/** A text of the server: one that it always says, such as the name of a format, is translated; others stay as they are. */
export const fromServer = (text) => texts?.get(`${text}|server`) ?? text;

/** Translate the texts of the document; nothing below an element with `translate="no"`. */
export function translatePage(root = document.documentElement) {
  root.lang = language;
  if (language === "en") return;
  const isMeant = (element) => !element.closest("[translate=no], script, style");
  for (const element of root.querySelectorAll(ATTRIBUTES.map((name) => `[${name}]`).join(", ")))
    for (const name of ATTRIBUTES)
      if (element.hasAttribute(name) && isMeant(element)) element.setAttribute(name, t(element.getAttribute(name)));
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const [, before, text, after] = /^(\s*)(.*?)(\s*)$/su.exec(node.data);
    if (text && isMeant(node.parentElement)) node.data = before + t(text.replace(/\s+/gu, " ")) + after;
  }
}
