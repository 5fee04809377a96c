"use strict";
(() => {
  const time = document.querySelector(".time"), scroller = document.querySelector(".scroller");
  const head = document.getElementById("head"), now = document.getElementById("now"), audio = document.querySelector("audio");
  const ticks = document.querySelector(".ticks"), zoom = document.getElementById("zoom");
  const from = Number(time.dataset.from), length = Number(time.dataset.length), offset = Number(time.dataset.offset);
  const words = [...document.querySelectorAll(".words button")].map((element) => ({
    element, start: Number(element.dataset.start), length: Number(element.dataset.length), line: element.dataset.line, width: 0,
    chords: [],
  }));
  const chords = [...document.querySelectorAll(".chord")].map((element) => ({ at: Number(element.dataset.start), symbol: element.textContent }));
  const farthest = 2;
  const style = time.style, mostLanes = 6;
  let px = 100, current = -1, shownLine = null;

  // The page's policy blocks style attributes, not styles set here.
  const properties = { start: "--s", length: "--d", colour: "--c", height: "--h" };
  for (const element of time.querySelectorAll("[data-start]")) {
    for (const [name, property] of Object.entries(properties)) {
      if (name in element.dataset) element.style.setProperty(property, element.dataset[name]);
    }
  }
  style.setProperty("--length", length);

  // A chord stands over the word that begins nearest to it, as in chord sheets; none is near in pauses.
  for (const { at, symbol } of chords) {
    const distance = (word) => Math.abs(word.start - at);
    const nearest = words.reduce((best, word) => (!best || distance(word) < distance(best) ? word : best), null);
    if (nearest && distance(nearest) <= farthest) nearest.chords.push(symbol);
  }
  now.classList.toggle("sheet", words.some((word) => word.chords.length > 0));

  // Times count from the left edge; the audio is the whole song, or only the part shown.
  const songTime = () => audio.currentTime - offset;
  const clock = (seconds, digits) => {
    const units = Math.round(seconds * 10 ** digits), whole = Math.floor(units / 10 ** digits);
    const text = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    return digits ? `${text}.${String(units % 10 ** digits).padStart(digits, "0")}` : text;
  };

  // The lowest lane that is free from a word's start to the end of its text, as in the pictures.
  const fillLanes = (showsText) => {
    const free = [];
    for (const word of words) {
      const left = word.start * px, right = left + Math.max(word.length * px, showsText ? word.width + 5 : 1);
      let lane = free.findIndex((end) => end <= left + 0.01);
      if (lane < 0) lane = free.length;
      free[lane] = right;
      word.element.style.setProperty("--lane", lane);
    }
    return free.length;
  };

  // When zoomed out, texts would overlap: show only the bars.
  const layOut = () => {
    let lanes = fillLanes(true);
    const isFar = lanes > mostLanes;
    if (isFar) lanes = fillLanes(false);
    time.classList.toggle("far", isFar);
    style.setProperty("--lanes", Math.max(lanes, 1));
  };

  const drawTicks = () => {
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300].find((seconds) => seconds * px >= 55) || 600;
    const marks = [];
    for (let n = Math.ceil(from / step - 1e-6); n * step <= from + length + 1e-6; n++) {
      const mark = document.createElement("span");
      mark.style.left = `${(n * step - from) * px}px`;
      mark.textContent = clock(n * step, step < 1 ? 1 : 0);
      marks.push(mark);
    }
    ticks.replaceChildren(...marks);
  };

  const setZoom = (wanted, anchor = scroller.clientWidth / 2) => {
    const at = (scroller.scrollLeft + anchor) / px;
    px = Math.min(Math.max(wanted, 5), 1000);
    style.setProperty("--px", px);
    zoom.value = Math.log2(px);
    layOut();
    drawTicks();
    scroller.scrollLeft = at * px - anchor;
    moveHead();
  };

  const moveHead = () => { head.style.left = `${Math.min(Math.max(songTime(), 0), length) * px}px`; };

  // The line of the last word that has started, or the first line.
  const showLine = (index) => {
    const line = words.length ? words[Math.max(index, 0)].line : null;
    if (line !== shownLine) {
      shownLine = line;
      now.replaceChildren(...words.flatMap((word, i) => {
        if (word.line !== line) return [];
        const copy = document.createElement("span");
        copy.textContent = `${word.element.textContent} `;
        copy.dataset.index = i;
        if (word.chords.length) copy.dataset.chord = word.chords.join(" ");
        copy.style.setProperty("--c", word.element.dataset.colour);
        return [copy];
      }));
    }
    for (const copy of now.children) {
      copy.className = Number(copy.dataset.index) === index ? "now" : Number(copy.dataset.index) < index ? "past" : "";
    }
  };

  // The last word that has started; its line stays visible until the next one, but is highlighted only while it lasts.
  const follow = () => {
    const at = songTime();
    let low = 0, high = words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (words[middle].start <= at) low = middle + 1; else high = middle;
    }
    if (words[current]) words[current].element.classList.remove("now");
    current = low - 1;
    const word = words[current];
    if (word && at < word.start + Math.max(word.length, 0.1)) word.element.classList.add("now");
    showLine(current);
    moveHead();
  };

  const reveal = (seconds) => { scroller.scrollLeft = seconds * px - scroller.clientWidth / 3; };

  const tick = () => {
    follow();
    const left = songTime() * px - scroller.scrollLeft;
    if (left < 0 || left > scroller.clientWidth * 0.85) reveal(songTime());
    if (!audio.paused) requestAnimationFrame(tick);
  };

  const seek = (seconds) => {
    if (audio.readyState > 0) audio.currentTime = Math.max(seconds + offset, 0);
  };

  audio.addEventListener("play", tick);
  audio.addEventListener("seeked", follow);
  // The song may have failed to load before this script ran.
  const askForSong = () => { document.getElementById("choose").hidden = false; audio.hidden = true; };
  audio.addEventListener("error", askForSong);
  if (audio.error) askForSong();
  // Playback of a whole song starts where the page starts.
  audio.addEventListener("loadedmetadata", () => { if (offset > 0) seek(0); });
  if (audio.readyState > 0 && offset > 0) seek(0);
  document.getElementById("file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (!file) return;
    audio.hidden = false;
    audio.src = URL.createObjectURL(file);
  });
  document.querySelector(".words").addEventListener("click", (event) => {
    const index = words.findIndex((word) => word.element === event.target);
    if (index >= 0) seek(words[index].start);
  });
  document.querySelector(".sound").addEventListener("click", (event) => {
    seek((event.clientX - time.getBoundingClientRect().left) / px);
  });
  for (const item of document.querySelectorAll("aside li")) {
    item.addEventListener("click", () => { reveal(Number(item.dataset.at)); seek(Number(item.dataset.at)); });
  }
  zoom.addEventListener("input", () => setZoom(2 ** Number(zoom.value)));
  document.getElementById("fit").addEventListener("click", () => setZoom((scroller.clientWidth - 40) / length));
  scroller.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    setZoom(px * 2 ** (-event.deltaY / 240), event.clientX - scroller.getBoundingClientRect().left);
  }, { passive: false });
  document.addEventListener("keydown", (event) => {
    if (event.target !== document.body && !event.target.closest(".words")) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === " " && audio.readyState > 0) {
      event.preventDefault();
      if (audio.paused) audio.play(); else audio.pause();
    } else if (step && words.length) {
      event.preventDefault();
      const index = Math.min(Math.max(current + step, 0), words.length - 1);
      seek(words[index].start);
      reveal(words[index].start);
    }
  });

  const measure = document.createElement("canvas").getContext("2d");
  measure.font = getComputedStyle(words.length ? words[0].element : document.body).font;
  for (const word of words) word.width = measure.measureText(word.element.textContent).width;
  setZoom(px, 0);
  showLine(-1);
  scroller.scrollLeft = 0;
})();
