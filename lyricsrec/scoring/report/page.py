"""A report as a page to look at: figures, plots, and every line beside what was heard. One file that loads nothing."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from lyricsrec.base.clock import clock
from lyricsrec.lyrics.normalise import PROFILES
from lyricsrec.scoring.metrics.words import as_characters
from lyricsrec.scoring.report.by_song import SongRow, lines_of, songs_of
from lyricsrec.scoring.report.drawing import NUM_COLOURS, Plot, system_mark
from lyricsrec.scoring.report.glossary import best_rows, meanings
from lyricsrec.scoring.report.plots import plots_of
from lyricsrec.scoring.report.song_plots import changes_plot
from lyricsrec.scoring.report.table import NOTHING, interval_text, percent, size_of, tables, verdict
from lyricsrec.scoring.results import INVENTED_RUN, Chunk, Comparison, Interval, Report, WordChange, WordFigures

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


@dataclass(frozen=True)
class _Compared:
    sentence: str
    comparison: Comparison
    plot: Plot
    _: KW_ONLY
    gained: tuple[WordChange, ...]
    lost: tuple[WordChange, ...]


def render_page(report: Report) -> str:
    """The page of a report, the same for the same report."""
    songs = songs_of(report)
    script = _asset("page.js")
    shown = list(tables(report))
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            protocol=PROFILES[report.protocol].description,
            style=_asset("page.css"),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            songs=songs,
            size=size_of(report),
            tables=shown,
            best=[[best_rows(table, i) for i in range(1, len(table.headings))] for table in shown],
            meanings=meanings(shown),
            languages=_languages(report),
            plots=plots_of(report),
            compared=_compared(report, songs),
            is_timed=any(system.timing for system in report.systems),
            problems=[
                (song, number, score.problem)
                for song in songs
                for number, score in enumerate(song.scores)
                if score is not None and score.problem
            ],
            invented_run=INVENTED_RUN,
        )
    )


def marked(chunks: Sequence[Chunk]) -> Markup:
    """A reading of a line: right words as they were heard, each error as an element of its kind.

    `s` was sung and heard as the `mark` behind it, `del` was not heard, `ins` was not sung.
    """
    from markupsafe import Markup

    parts: list[tuple[str, str, tuple[str, ...]]] = []
    for chunk in chunks:
        if chunk.kind == "equal":
            parts.append(("", "", chunk.hypothesis))
            continue
        if chunk.reference:
            parts.append(("<s>", "</s>", chunk.reference) if chunk.hypothesis else ("<del>", "</del>", chunk.reference))
        if chunk.hypothesis:
            invented = " class=run" if not chunk.reference and len(chunk.hypothesis) >= INVENTED_RUN else ""
            tag = "mark" if chunk.reference else "ins"
            parts.append((f"<{tag}{invented}>", f"</{tag}>", chunk.hypothesis))
    text = ""
    before: tuple[str, ...] = ()
    for opening, closing, words in parts:
        text += _gap(before, words) + opening + html.escape(as_characters(words), quote=False) + closing
        before = words
    return Markup(text)


def _gap(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """A space, but not between words of scripts that have none."""
    return " " if before and " " in as_characters([before[-1], after[0]]) else ""


def _languages(report: Report) -> dict[str, list[WordFigures | None]]:
    """The figures of each language by every system; a system with one language has no figures by language."""
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
            changes_plot(comparison, f"changes-{i}", anchors, numbers),
            gained=tuple(word for word in comparison.words if word.gained > word.lost),
            lost=tuple(word for word in comparison.words if word.gained < word.lost),
        )
        for i, comparison in enumerate(report.comparisons)
    ]


def _asset(name: str) -> str:
    return resources.files("lyricsrec.scoring.report").joinpath(name).read_text("utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({"page.html": _asset("page.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=lambda value: percent(value) or NOTHING,
        interval=_interval,
        milliseconds=lambda value: NOTHING if value is None else f"{1000 * value:.0f}",
        clock=lambda value: NOTHING if value is None else clock(value),
        joined=as_characters,
        marked=marked,
    )
    environment.globals.update(lines_of=lines_of, mark=system_mark, num_colours=NUM_COLOURS)
    return environment


def _interval(interval: Interval | None) -> Any:
    return interval_text(interval) or NOTHING
