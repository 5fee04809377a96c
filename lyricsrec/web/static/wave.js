// The waveform with the words. Only the visible part is drawn; the browser scrolls.

import { $, prefersReducedMotion } from "./dom.js";
import { hit, isSame, timedLines, timedWords } from "./timing.js";
import { LINES_BELOW_SCALE, paint, palette } from "./wave_drawing.js";

const DRAG_FROM_PX = 4;
const FOLLOW_AFTER_MS = 4000;
const MOUSE_PX = 7;
const FINGER_PX = 22;

export class Wave {
  #root;
  #scroller;
  #canvas;
  #head;
  #doc = { lines: [] };
  #words = [];
  #lines = [];
  #longest = 0;
  #peaks = null;
  #duration = 1;
  #scale = 60;
  #chosen = null;
  #editing = false;
  #loop = null;
  #notes = [];
  #marks = null;
  #layers = {};
  #isHidden = false;
  #isStale = true;
  #touched = 0;
  #drag = null;
  #on;

  /** `on.seek(seconds)`, `on.choose(word)`, `on.drag(word, part, seconds)`, `on.drop()`. */
  constructor(root, on) {
    this.#root = root;
    this.#on = on;
    this.#scroller = $(".wave-scroll", root);
    this.#canvas = $("canvas", root);
    this.#head = $(".playhead", root);
    this.#scroller.addEventListener("scroll", () => {
      this.#isStale = true;
    });
    new ResizeObserver(() => this.#resize()).observe(this.#scroller);
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
      matchMedia(query).addEventListener("change", () => {
        this.#isStale = true;
      });
    for (const [name, factor] of [
      ["in", 1.6],
      ["out", 1 / 1.6],
      ["all", 0],
    ])
      $(`#zoom-${name}`).addEventListener("click", () => this.zoom(factor));
    this.#listen();
  }

  load(duration) {
    [this.#duration, this.#peaks, this.#chosen] = [Math.max(duration, 0.1), null, null];
    this.#scale = 0;
    this.#scroller.scrollLeft = 0;
    this.#resize();
  }

  set peaks(peaks) {
    this.#peaks = peaks;
    this.#isStale = true;
  }
  /** The repeated time span, {from_s, to_s} or null. */
  set loop(loop) {
    this.#loop = loop;
    this.#isStale = true;
  }
  /** What is drawn besides or instead of the peaks: `voice` (peaks), `spectrogram`. */
  set layers(layers) {
    this.#layers = layers;
    this.#isStale = true;
  }
  /** The marks of the free loop, {a, b}, in seconds or null. */
  set marks(marks) {
    this.#marks = marks;
    this.#isStale = true;
  }
  get loop() {
    return this.#loop;
  }
  /** The notes of the melody. */
  set notes(notes) {
    this.#notes = notes;
    this.#isStale = true;
  }
  set editing(editing) {
    this.#editing = editing;
    this.#isStale = true;
  }

  show(doc, chosen) {
    if (doc !== this.#doc) {
      [this.#doc, this.#words, this.#lines] = [doc, timedWords(doc), timedLines(doc)];
      this.#longest = this.#words.reduce((most, word) => Math.max(most, word.end_s - word.start_s), 0);
    }
    this.#chosen = chosen;
    this.#isStale = true;
  }

  #resize() {
    const width = this.#scroller.clientWidth;
    const wasHidden = this.#isHidden;
    this.#isHidden = !width;
    if (!width) return;
    if (!this.#scale) this.#scale = Math.max(width / this.#duration, width < 600 ? 80 : 130);
    this.zoom(1);
    if (wasHidden) this.reveal(Number(this.#head.dataset.time ?? 0));
  }

  /** Zoom by a factor around `anchor` (pixels from the left); factor 0 shows the whole song. */
  zoom(factor, anchor = null) {
    const width = this.#scroller.clientWidth;
    const headX = parseFloat(this.#head.dataset.x ?? "0") - this.#scroller.scrollLeft;
    const pin = anchor ?? (headX >= 0 && headX <= width ? headX : width / 2);
    const at = (this.#scroller.scrollLeft + pin) / this.#scale;
    const least = width / this.#duration;
    this.#scale = Math.min(Math.max(this.#scale * factor, least), Math.max(800, least));
    $(".wave-span", this.#root).style.setProperty("width", `${Math.max(this.#duration * this.#scale, width)}px`);
    this.#scroller.scrollLeft = at * this.#scale - pin;
    this.#moveHead(Number(this.#head.dataset.time ?? 0));
    this.#isStale = true;
  }

  #moveHead(seconds) {
    const x = seconds * this.#scale;
    this.#head.dataset.time = seconds;
    this.#head.dataset.x = x;
    this.#head.style.setProperty("transform", `translateX(${x}px)`);
    return x;
  }

  /** Move the playhead to `seconds`, keep it visible during playback, and redraw if needed. */
  tick(seconds, isPlaying) {
    const x = this.#moveHead(seconds);
    const width = this.#scroller.clientWidth;
    const seen = x - this.#scroller.scrollLeft;
    const isResting = performance.now() - this.#touched > FOLLOW_AFTER_MS && !this.#drag;
    if (isPlaying && isResting && (seen < 0 || seen > width * (prefersReducedMotion() ? 0.9 : 0.5)))
      this.#scroller.scrollLeft = prefersReducedMotion()
        ? x - width * 0.1
        : seen > width * 0.6 || seen < 0
          ? x - width * 0.4
          : x - width * 0.5;
    if (this.#isStale) this.#draw();
  }

  /** Scroll to a time. */
  reveal(seconds) {
    const seen = seconds * this.#scale - this.#scroller.scrollLeft;
    const width = this.#scroller.clientWidth;
    if (seen < width * 0.05 || seen > width * 0.9) this.#scroller.scrollLeft = seconds * this.#scale - width * 0.4;
  }

  #draw() {
    this.#isStale = false;
    const [width, height] = [this.#scroller.clientWidth, this.#canvas.clientHeight];
    if (!width || !height) return;
    const density = devicePixelRatio || 1;
    this.#canvas.style.setProperty("width", `${width}px`);
    if (this.#canvas.width !== Math.round(width * density) || this.#canvas.height !== Math.round(height * density)) {
      this.#canvas.width = Math.round(width * density);
      this.#canvas.height = Math.round(height * density);
    }
    const pen = this.#canvas.getContext("2d");
    pen.setTransform(density, 0, 0, density, 0, 0);
    paint(pen, {
      width,
      height,
      from: this.#scroller.scrollLeft / this.#scale,
      scale: this.#scale,
      duration: this.#duration,
      doc: this.#doc,
      words: this.#words,
      lines: this.#lines,
      longest: this.#longest,
      peaks: this.#peaks,
      notes: this.#notes,
      chosen: this.#chosen,
      isEditing: this.#editing,
      loop: this.#loop,
      marks: this.#marks,
      ...this.#layers,
      colours: palette(this.#root),
    });
  }

  #secondsAt(event) {
    return (this.#scroller.scrollLeft + event.clientX - this.#scroller.getBoundingClientRect().left) / this.#scale;
  }

  /** The part of a word under the pointer. A finger drags only edges of the selected word, because it must also scroll. */
  #target(event) {
    if (!this.#editing || this.#scale < LINES_BELOW_SCALE) return null;
    const seconds = this.#secondsAt(event);
    if (event.pointerType !== "touch") return hit(this.#words, seconds, MOUSE_PX / this.#scale, this.#chosen);
    const edge = hit(
      this.#words.filter((word) => isSame(word, this.#chosen)),
      seconds,
      FINGER_PX / this.#scale,
    );
    if (edge && edge.part !== "whole") return edge;
    const touched = hit(this.#words, seconds, 0);
    return touched && { ...touched, part: "touched" };
  }

  #listen() {
    const canvas = this.#canvas;
    this.#scroller.addEventListener(
      "wheel",
      (event) => {
        this.#touched = performance.now();
        // Sideways, and with Shift, the wheel scrolls.
        if (!event.ctrlKey && (event.shiftKey || Math.abs(event.deltaX) >= Math.abs(event.deltaY))) return;
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY / 200), event.clientX - canvas.getBoundingClientRect().left);
      },
      { passive: false },
    );
    // A finger drags the edge of a word, and scrolls everywhere else.
    canvas.addEventListener(
      "touchstart",
      (event) => {
        const [touch] = event.touches;
        if (this.#target({ clientX: touch.clientX, pointerType: "touch" })?.part.match(/start|end/u)) event.preventDefault();
      },
      { passive: false },
    );
    // The word that is chosen keeps the focus.
    canvas.addEventListener("mousedown", (event) => event.preventDefault());
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.#touched = performance.now();
      this.#drag = { x: event.clientX, at: this.#secondsAt(event), target: this.#target(event), isMoving: false };
      canvas.setPointerCapture(event.pointerId);
      if (this.#drag.target && this.#drag.target.part !== "touched") this.#on.choose(this.#drag.target.word);
    });
    canvas.addEventListener("pointermove", (event) => this.#dragMove(event));
    canvas.addEventListener("pointerup", (event) => this.#release(event));
    canvas.addEventListener("pointercancel", () => {
      if (this.#drag?.isMoving && isDragged(this.#drag)) this.#on.drop();
      this.#drag = null;
    });
  }

  #dragMove(event) {
    const drag = this.#drag;
    if (!drag) {
      const part = this.#target(event)?.part;
      this.#canvas.dataset.over = part === "whole" ? "word" : part ? "edge" : "";
      return;
    }
    if (!drag.isMoving && Math.abs(event.clientX - drag.x) < DRAG_FROM_PX) return;
    drag.isMoving = true;
    this.#touched = performance.now();
    if (!isDragged(drag)) return;
    const { word, part } = drag.target;
    this.#on.drag(word, part, word[part === "end" ? "end_s" : "start_s"] + this.#secondsAt(event) - drag.at);
  }

  #release(event) {
    const drag = this.#drag;
    this.#drag = null;
    if (!drag) return;
    if (drag.isMoving) return isDragged(drag) ? this.#on.drop() : undefined;
    const isWord = ["whole", "touched"].includes(drag.target?.part);
    if (drag.target?.part === "touched") this.#on.choose(drag.target.word);
    this.#on.seek(isWord ? drag.target.word.start_s : this.#secondsAt(event));
  }
}

const isDragged = ({ target }) => Boolean(target) && target.part !== "touched";
