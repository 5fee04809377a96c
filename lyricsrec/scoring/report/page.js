"use strict";
(() => {
  for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;

  for (const cell of document.querySelectorAll("[data-percent]")) cell.style.setProperty("--w", `${cell.dataset.percent}%`);

  // Songs: sort by a heading, filter by text.
  const table = document.getElementById("song-table"), body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
  const valueOf = (row, column) => {
    const cell = row.cells[column], text = cell.dataset.value || cell.textContent.trim(), number = Number(text);
    return text === "" || Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => {
    if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b);
    return typeof a === "number" ? -1 : 1;
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const descends = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descends ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => compare(valueOf(a, column), valueOf(b, column)));
      body.append(...(descends ? rows.reverse() : rows));
    });
  });

  const songs = [...document.querySelectorAll("details.song")], count = document.getElementById("count");
  const songAt = (hash) => document.getElementById(decodeURIComponent(hash.slice(1)));
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    let shown = 0;
    for (const row of body.rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      if (!row.hidden) shown += 1;
      songAt(row.querySelector("a").hash).hidden = row.hidden;
    }
    count.textContent = wanted ? `${shown} of ${body.rows.length}` : "";
  });

  // Lines: choose systems, and hide lines that all systems have right.
  for (const box of document.querySelectorAll("input[data-hides]")) {
    box.addEventListener("change", () => {
      for (const line of document.querySelectorAll(`.lines .${box.dataset.hides}`)) line.hidden = !box.checked;
    });
  }
  document.getElementById("errors-only").addEventListener("change", (event) => {
    document.body.classList.toggle("errors-only", event.target.checked);
  });
  document.getElementById("open-all").addEventListener("click", () => { for (const song of songs) song.open = true; });
  document.getElementById("close-all").addEventListener("click", () => { for (const song of songs) song.open = false; });

  // A link to a song opens it.
  const reveal = () => {
    const song = songAt(location.hash);
    if (song && song.matches("details.song")) { song.hidden = false; song.open = true; song.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
