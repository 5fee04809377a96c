"""Score tables: for the terminal, for papers (Markdown) and for other programs (CSV)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lyricsrec.base.settings import adapter
from lyricsrec.lyrics.normalise import PROFILES
from lyricsrec.scoring.report.columns import LAYOUT, RUN, SEPARATION, TIMING, TIMING_BY_SONG, WORDS, Column, percent
from lyricsrec.scoring.results import HALLUCINATION_RUN, Comparison, Report, SongScore, SystemScore

NOTHING = "–"
"""Stands for a figure that is not defined."""

LEGEND = (
    "95 %: confidence interval, by a bootstrap over songs; median: median WER over songs; S, D, I: substitutions, "
    "deletions, insertions per 100 words of the reference; hall.: hallucinated, the share of the hypothesis' words in "
    f"runs of {HALLUCINATION_RUN} insertions or more; segm.: correct segments; perc.: perceptual."
)


@dataclass(frozen=True)
class Table:
    """A title, the columns, and a row for each system: its name and its value in each column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The heading of each cell of a row."""
        return ("system", *(column.heading for column in self.columns))

    def best_rows(self, column: int) -> set[int]:
        """The rows with the best value in a column, as displayed; empty if all are equal or neither way is better."""
        better, cells = self.columns[column].better, [row[column + 1] for row in self.rows]
        values = {i: _number(cell) for i, cell in enumerate(cells) if cell != NOTHING}
        if not better or len(set(values.values())) < 2:
            return set()
        best = (min if better == "low" else max)(values.values())
        return {i for i, value in values.items() if value == best}


def tables(report: Report) -> Iterator[Table]:
    """The tables of a report; columns without any value, and tables without columns, are left out."""
    size = size_of(report)
    protocol = f"protocol {report.protocol}"
    kinds = (
        (f"Words: {report.references}, {size}, {protocol}: {PROFILES[report.protocol].description}", WORDS),
        (f"Formatting (alt-eval), {protocol}", LAYOUT),
        (f"Timing of matched words, pooled (mir_eval), {protocol}", TIMING),
        (f"Timing of matched words, averaged over songs (as JamendoLyrics' Evaluate.py), {protocol}", TIMING_BY_SONG),
        (f"Separated vocals, mean over songs, {protocol}", SEPARATION),
        ("Run", RUN),
    )
    for title, columns in kinds:
        shown = [[column.show(system) for column in columns] for system in report.systems]
        kept = [i for i in range(len(columns)) if any(row[i] is not None for row in shown)]
        if kept:
            rows = tuple(
                (system.name, *(row[i] or NOTHING for i in kept))
                for system, row in zip(report.systems, shown, strict=True)
            )
            yield Table(title, tuple(columns[i] for i in kept), rows)


def size_of(report: Report) -> str:
    """The numbers of songs and words; ranges if systems have different songs."""
    songs = sorted(len(system.songs) for system in report.systems) or [0]
    words = sorted(system.words.num_words for system in report.systems) or [0]
    if len({tuple(song.song_id for song in system.songs) for system in report.systems}) < 2:
        return f"{_songs(songs[0])}, {words[0]:,} words"
    return f"{_span(songs)} songs, {_span(words)} words, not the same for all systems"


def _span(numbers: Sequence[int]) -> str:
    low, high = numbers[0], numbers[-1]
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _songs(number: int) -> str:
    return f"{number:,} song" + ("s" if number != 1 else "")


def to_markdown(report: Report) -> str:
    """The tables of a report in Markdown, each under its title, and the comparisons."""
    warnings = "".join(f"**Warning:** {warning}.\n\n" for system in report.systems for warning in system.warnings)
    return warnings + "\n".join(_markdown(table) for table in tables(report)) + _comparisons(report)


def _markdown(table: Table) -> str:
    rows = [table.headings, ("---", *("---:" for _ in table.headings[1:])), *table.rows]
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    return f"{table.title}\n\n" + "\n".join(lines) + "\n"


def _comparisons(report: Report) -> str:
    return "".join(f"\n{summary(comparison)}\n" for comparison in report.comparisons)


def summary(comparison: Comparison) -> str:
    """A comparison in two sentences."""
    rates = (
        f"{percent(comparison.second_wer)} against {percent(comparison.first_wer)} % on {_songs(comparison.num_songs)}"
    )
    return f"{verdict(comparison)} {rates}; {comparison.gained:,} words gained, {comparison.lost:,} lost."


def verdict(comparison: Comparison) -> str:
    """Which system has the lower WER, and whether the difference is significant (interval without 0, p below 0.05)."""
    points, interval, p_value = 100 * comparison.difference, comparison.interval, comparison.p_value
    certainty, lead = " (too few songs for a confidence interval)", "The"
    if interval is not None and p_value is not None:
        sign = -100 if points < 0 else 100
        low, high = sorted((sign * interval.low, sign * interval.high))
        p = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
        certainty = f" (95 %: {low:.1f} to {high:.1f}; {p})"
        if low <= 0:
            lead = "No clear difference: the"
        elif p_value >= 0.05:
            lead = "Too few songs to be sure: the"
    if points == 0:
        return f"{comparison.second} and {comparison.first} have the same WER{certainty}."
    way = "lower" if points < 0 else "higher"
    by = f"{abs(points):.1f} points {way}"
    return f"{lead} WER of {comparison.second} is {by} than that of {comparison.first}{certainty}."


def to_csv(report: Report) -> str:
    """A row for each song of each system with all its figures; scope "all" marks the pooled figures."""
    rows = [row for system in report.systems for row in _csv_rows(system, report.protocol)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _csv_rows(system: SystemScore, protocol: str) -> Iterator[dict[str, object]]:
    start = {"system": system.name, "protocol": protocol}
    for song in system.songs:
        named = {"scope": "song", "song_id": song.song_id, "title": song.title, "language": song.language}
        yield {**start, **named, **_flat(song), "problem": song.problem or ""}
    yield {**start, "scope": "all", **_flat(system)}


def _flat(scored: SongScore | SystemScore) -> dict[str, object]:
    """All figures of a song or system by their keys in JSON; undefined ones are empty."""
    parts: list[tuple[str, Any]] = [("", scored.words), ("wer_", scored.interval)]
    names = ("layout", "timing", "timing_by_song", "separation", "run")
    parts += [(f"{name}_", getattr(scored, name, None)) for name in names]
    return {
        f"{prefix}{name}": "" if value is None else value
        for prefix, part in parts
        if part is not None
        for name, value in _leaves(_plain(part))
    }


def _plain(part: Any) -> dict[str, Any]:
    """A part of the scores as plain values, by their keys in JSON."""
    plain: dict[str, Any] = adapter(type(part)).dump_python(part, by_alias=True)  # type: ignore[arg-type]
    return plain


def _number(cell: str) -> float:
    found = re.match(r"[-+]?[\d.,]+", cell)
    return float(found[0].replace(",", "")) if found else 0.0


def _leaves(fields: dict[str, Any], before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}_")
        else:
            yield f"{before}{name}", value
