// The form for adding songs.

import { explain } from "./api.js";
import { size } from "./clock.js";
import { $, announce, h, setText } from "./dom.js";
import { fromServer, language, t, tn } from "./i18n.js";
import { stem } from "./jobs.js";
import { SheetPreview } from "./sheet_preview.js";
import { Uploads } from "./uploads.js";

// The languages of multilingual Whisper models, whose presets do not list them.
const WHISPER_LANGUAGES = (
  "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it ja jw ka kk km " +
  "kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl " +
  "tr tt uk ur uz vi yi yo yue zh"
).split(" ");
const languageNames = new Intl.DisplayNames([language], { type: "language", fallback: "code" });

export class AddForm {
  #picked = [];
  #presets = [];
  #maxMb = Infinity;
  #lyricsSuffixes = [".txt"];
  #uploads;
  #form = $("#add");

  constructor({ onJob, uploads }) {
    this.#uploads = new Uploads(uploads, onJob);
    const drop = $("#drop");
    $("#files").addEventListener("change", (event) => {
      this.#addFiles([...event.target.files]);
      event.target.value = "";
    });
    for (const name of ["dragenter", "dragover"])
      addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    for (const name of ["dragleave", "drop"])
      addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.remove("over");
      });
    $("#home").addEventListener("drop", (event) => this.#addFiles([...event.dataTransfer.files], event.target.closest("#picked li")));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    this.#form.addEventListener("change", () => this.#draw());
    $("#clear").addEventListener("click", () => {
      this.#clear();
      $("#files").focus();
    });
  }

  /** Show the server's presets; those that are not available with the reason. `limits` and `lyricsSuffixes`: see /api/models. */
  offer(presets, limits, lyricsSuffixes = [".txt"]) {
    this.#lyricsSuffixes = lyricsSuffixes.map((suffix) => suffix.toLowerCase());
    $("#files").accept = [$("#files").accept, ...lyricsSuffixes].join(",");
    this.#presets = presets;
    this.#maxMb = limits?.max_upload_mb ?? Infinity;
    $("#presets").append(
      ...presets.map(({ name, label, size_mb: mb, available, default: isDefault, hint }) =>
        h(
          "label",
          { class: available ? "" : "off" },
          h("input", { type: "radio", name: "preset", value: name, disabled: !available, checked: isDefault && available }),
          h(
            "span",
            {},
            h("b", { text: label ? fromServer(label) : name }),
            h("small", {
              text: [
                t("Preset {name}", { name }),
                mb ? size(mb * 1e6) : null,
                available
                  ? null
                  : `${t("not available.")} ${hint ?? t("Its models are not on the server; `lyricsrec models pull` downloads them.")}`,
              ]
                .filter(Boolean)
                .join(", "),
            }),
          ),
        ),
      ),
    );
    this.#draw();
  }

  fail(error) {
    this.#showProblem(explain(error));
  }

  #showProblem(text) {
    setText($("#add-problem"), text);
  }

  get #kind() {
    return new FormData(this.#form).get("kind");
  }
  get #preset() {
    return this.#presets.find(({ name }) => name === new FormData(this.#form).get("preset"));
  }

  /** Add files. A text file becomes the lyrics of the song it was dropped on, of the one with the same name, or of the next one. */
  async #addFiles(files, row = null) {
    this.#showProblem("");
    const isLyrics = ({ name }) => this.#lyricsSuffixes.some((suffix) => name.toLowerCase().endsWith(suffix));
    const [texts, songs] = [files.filter(isLyrics), files.filter((file) => !isLyrics(file))];
    const fitting = songs.filter((file) => file.size <= this.#maxMb * 1e6);
    const large = songs.find((file) => !fitting.includes(file));
    if (large)
      this.#showProblem(
        t("“{name}” is too large ({size}). The limit of the server is {limit}.", {
          name: large.name,
          size: size(large.size),
          limit: size(this.#maxMb * 1e6),
        }),
      );
    this.#picked.push(...fitting.map((file) => ({ file, lyrics: "" })));
    if (texts.length && !this.#picked.length) this.#showProblem(t("Choose a song first, then its lyrics."));
    for (const file of texts) {
      const song =
        this.#picked[row?.dataset.number] ??
        this.#picked.find((other) => stem(other.file.name) === stem(file.name)) ??
        this.#picked.find((other) => !other.lyrics);
      if (!song) continue;
      song.lyrics = await textOf(file);
      $("[name=kind][value=align]").checked = true;
    }
    this.#draw(true);
    if (fitting.length && !files.some(isLyrics)) $("[name=kind]:checked").focus();
  }

  #draw(isNew = false) {
    $("#options").hidden = !this.#picked.length;
    this.#form.classList.toggle("filled", this.#picked.length > 0);
    const isAlign = this.#kind === "align";
    if (isNew || $("#picked").dataset.kind !== `${this.#kind}${this.#picked.length}`)
      $("#picked").replaceChildren(...this.#picked.map((song, i) => this.#row(song, i, isAlign)));
    $("#picked").dataset.kind = `${this.#kind}${this.#picked.length}`;
    $("#preset-choice").hidden = isAlign;
    this.#drawLanguages();
    setText($("#start"), this.#picked.length > 1 ? t("Start all {n}", { n: this.#picked.length }) : t("Start"));
  }

  #clear() {
    this.#picked = [];
    $("[name=kind][value=transcribe]").checked = true;
    this.#showProblem("");
    this.#draw();
  }

  #row(song, i, isAlign) {
    const name = stem(song.file.name);
    const remove = h("button", {
      type: "button",
      class: "plain",
      text: t("Remove"),
      "aria-label": t("Remove {name}", { name }),
      onclick: () => {
        this.#picked.splice(i, 1);
        this.#draw(true);
        $("#files").focus();
      },
    });
    const box =
      isAlign &&
      h("textarea", {
        rows: 6,
        dir: "auto",
        "aria-label": t("Lyrics of {name}", { name }),
        spellcheck: "false",
        placeholder: t("Paste the lyrics here, or drop a text or LRC file."),
        oninput: (event) => {
          song.lyrics = event.target.value;
        },
      });
    const preview = box && new SheetPreview(box);
    if (box) {
      box.value = song.lyrics;
      preview.update();
    }
    return h(
      "li",
      { "data-number": i },
      h("span", { class: "picked-name", dir: "auto", text: name }),
      h("span", { class: "quiet", text: size(song.file.size) }),
      remove,
      box,
      preview?.element,
    );
  }

  #drawLanguages() {
    const preset = this.#preset;
    const languages = preset ? (preset.languages ?? WHISPER_LANGUAGES) : [];
    setText(
      $("#preset-now"),
      preset ? (preset.label ? fromServer(preset.label) : `${preset.name}, ${languageText(preset.languages)}`) : "",
    );
    $("#language-field").hidden = languages.length < 2;
    const choice = $("#language");
    if (choice.dataset.preset === preset?.name) return;
    choice.dataset.preset = preset?.name ?? "";
    const named = languages.map((code) => [code, nameOf(code)]).sort((a, b) => a[1].localeCompare(b[1]));
    choice.replaceChildren(
      h("option", { value: "", text: t("detect automatically") }),
      ...named.map(([code, name]) => h("option", { value: code, text: name })),
    );
  }

  #start() {
    const isAlign = this.#kind === "align";
    const missing = isAlign ? this.#picked.findIndex((song) => !song.lyrics.trim()) : -1;
    if (missing >= 0) {
      this.#showProblem(
        t("The lyrics of “{name}” are missing. Paste them below its name.", { name: stem(this.#picked[missing].file.name) }),
      );
      $(`#picked li:nth-child(${missing + 1}) textarea`).focus();
      return;
    }
    this.#showProblem("");
    // Alignment always uses its own model.
    const [preset, language] = isAlign
      ? [null, null]
      : [this.#preset?.name ?? null, $("#language-field").hidden ? null : $("#language").value];
    const common = { kind: this.#kind, preset, language, stems: String($("#stems").checked) };
    for (const { file, lyrics } of this.#picked) this.#uploads.add({ ...common, lyrics: isAlign ? lyrics : null, file });
    announce(tn(this.#picked.length, "Uploading {n} song", "Uploading {n} songs"));
    this.#clear();
    $("#files").focus({ preventScroll: true });
    $("#queue").scrollIntoView({ block: "nearest" });
  }
}

/** The languages of a preset as text. */
const languageText = (languages) =>
  languages?.length === 1 ? nameOf(languages[0]) : languages ? tn(languages.length, "{n} language", "{n} languages") : t("many languages");

function nameOf(code) {
  try {
    return languageNames.of(code);
  } catch {
    return code;
  }
}

/** The text of a file in UTF-8 or else, for old files, Windows-1252. */
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
