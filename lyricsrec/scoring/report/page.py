"""A report as an HTML page: figures, plots, and each line with the errors marked; one file that loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lyricsrec.base.clock import clock
from lyricsrec.base.html import render
from lyricsrec.lyrics.normalise import PROFILES
from lyricsrec.scoring.metrics.words import as_characters
from lyricsrec.scoring.report.columns import interval_text, percent
from lyricsrec.scoring.report.rows import SongRow, lines_of, songs_of
from lyricsrec.scoring.report.song_plots import changes_plot
from lyricsrec.scoring.report.svg import NUM_COLOURS, Plot, system_mark
from lyricsrec.scoring.report.system_plots import plots_of
from lyricsrec.scoring.report.tables import NOTHING, size_of, tables, verdict
from lyricsrec.scoring.results import HALLUCINATION_RUN, Chunk, Comparison, Interval, Report, WordChange, WordFigures


@dataclass(frozen=True)
class _Compared:
    sentence: str
    comparison: Comparison
    plot: Plot
    _: KW_ONLY
    gained: tuple[WordChange, ...]
    lost: tuple[WordChange, ...]


@dataclass(frozen=True)
class Part:
    """Words of a line with one marking: `tag` is "" for right words, `gap` what stands before them."""

    gap: str
    tag: Literal["", "s", "mark", "del", "ins"]
    text: str
    _: KW_ONLY
    is_run: bool = False


def render_page(report: Report) -> str:
    """The page of a report; the same report gives the same page."""
    songs, shown = songs_of(report), list(tables(report))
    values = {
        "report": report,
        "protocol": PROFILES[report.protocol].description,
        "songs": songs,
        "size": size_of(report),
        "tables": shown,
        "columns": list({column.heading: column for table in shown for column in table.columns}.values()),
        "languages": _languages(report),
        "plots": plots_of(report),
        "compared": _compared(report, songs),
        "is_timed": any(system.timing for system in report.systems),
        "problems": [
            (song, number, score.problem)
            for song in songs
            for number, score in enumerate(song.scores)
            if score is not None and score.problem
        ],
        "hallucination_run": HALLUCINATION_RUN,
        "num_colours": NUM_COLOURS,
    }
    return render("lyricsrec.scoring.report", {**values, **_FUNCTIONS})


def parts_of(chunks: Sequence[Chunk]) -> list[Part]:
    """The words of a line: `del` is deleted, `ins` inserted, `s` substituted by the `mark` after it."""
    parts: list[Part] = []
    before: tuple[str, ...] = ()
    for chunk in chunks:
        reference, hypothesis = (() if chunk.kind == "equal" else chunk.reference), chunk.hypothesis
        if reference:
            parts.append(Part(_gap(before, reference), "s" if hypothesis else "del", as_characters(reference)))
            before = reference
        if hypothesis:
            is_run = chunk.kind == "insert" and len(hypothesis) >= HALLUCINATION_RUN
            tag: Literal["", "mark", "ins"] = "" if chunk.kind == "equal" else "mark" if reference else "ins"
            parts.append(Part(_gap(before, hypothesis), tag, as_characters(hypothesis), is_run=is_run))
            before = hypothesis
    return parts


def _gap(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """A space, except between words of scripts written without spaces."""
    return " " if before and " " in as_characters([before[-1], after[0]]) else ""


def _languages(report: Report) -> dict[str, list[WordFigures | None]]:
    """The word figures of each language by each system; a system with a single language has no separate ones."""
    parts = [
        system.languages or {song.language: system.words for song in system.songs[:1]} for system in report.systems
    ]
    names = sorted({name for part in parts for name in part})
    return {name: [part.get(name) for part in parts] for name in names}


def _compared(report: Report, songs: Sequence[SongRow]) -> list[_Compared]:
    numbers = {system.name: i for i, system in enumerate(report.systems)}
    anchors = {song.any_score.song_id: song.anchor for song in songs}
    return [
        _Compared(
            verdict(comparison),
            comparison,
            changes_plot(comparison, f"changes-{i}", anchors=anchors, numbers=numbers),
            gained=tuple(word for word in comparison.words if word.gained > word.lost),
            lost=tuple(word for word in comparison.words if word.gained < word.lost),
        )
        for i, comparison in enumerate(report.comparisons)
    ]


def _interval(interval: Interval | None, *num_songs: int) -> str:
    return interval_text(interval, *num_songs) or NOTHING


_FUNCTIONS: dict[str, object] = {
    "percent": lambda value: percent(value) or NOTHING,
    "interval": _interval,
    "milliseconds": lambda value: NOTHING if value is None else f"{1000 * value:.0f}",
    "clock": lambda value: NOTHING if value is None else clock(value),
    "joined": as_characters,
    "parts_of": parts_of,
    "lines_of": lines_of,
    "mark": system_mark,
}
"""Functions that the template calls."""
