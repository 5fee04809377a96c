"""Plots of songs: the WER of each, and its change from one system to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lyricsrec.scoring.report.rows import SongRow
from lyricsrec.scoring.report.svg import (
    QUIET,
    Plot,
    add_key,
    add_tip,
    draw,
    shortened,
    system_colour,
    system_marker,
)
from lyricsrec.scoring.results import Comparison, SongScore

MOST_LABELS = 40
"""With more songs than this, the plot has no titles beside the points."""

_MOST_PERCENT = 200.0


def songs_plot(songs: Sequence[SongRow], names: Sequence[str]) -> Plot:
    """The WER of each song with its interval, sorted by the first system's."""
    shown = sorted(
        (song for song in songs if any(_wer(score) is not None for score in song.scores)), key=_first_wer, reverse=True
    )
    if not shown:
        return Plot("songs", "WER by song", "No song has words in its reference.")
    named = len(shown) <= MOST_LABELS
    caption = "Each row is a song" if named else "Each column of points is a song, the highest WER at the left"
    caption += ", sorted by the first system; lines are 95 % intervals. Click a point to go to the song."
    if max(_wer(score) or 0 for song in shown for score in song.scores) > _MOST_PERCENT:
        caption += f" Values above {_MOST_PERCENT:.0f} % are drawn there."

    def paint(axis: Any) -> None:
        step = min(0.22, 0.7 / len(names))
        for place, song in enumerate(shown):
            for number, score in enumerate(song.scores):
                if score is not None and score.words.wer is not None:
                    at = place + (number - (len(names) - 1) / 2) * step
                    _song_point(axis, song, number, name=names[number], at=at, is_row=named)
        add_key(axis, names)
        if named:
            axis.set_yticks(range(len(shown)), [shortened(song.title) for song in shown])
            axis.set_ylim(len(shown) - 0.4, -0.6)
            axis.set_xlabel("WER (%)")
            axis.grid(visible=False, axis="y")
            axis.set_xlim(left=0)
        else:
            axis.set_xlim(-1, len(shown))
            axis.set_xlabel("songs, sorted by WER of the first system")
            axis.set_ylabel("WER (%)")
            axis.grid(visible=False, axis="x")
            axis.set_ylim(bottom=0)

    height = max(2.0, 0.7 + len(shown) * (0.2 + 0.07 * len(names))) if named else 4.0
    return Plot("songs", "WER by song", caption, svg=draw("songs", "WER by song", paint, width=9.6, height=height))


def changes_plot(comparison: Comparison, name: str, *, anchors: dict[str, str], numbers: dict[str, int]) -> Plot:
    """The songs whose WER changed most between two systems; `numbers` are the systems' numbers in the report."""
    title = "Change by song"
    changes = [
        (100 * (song.second_wer - song.first_wer), song)
        for song in comparison.songs
        if song.first_wer is not None and song.second_wer is not None and song.first_wer != song.second_wer
    ]
    if not changes:
        return Plot(name, title, "No song changed.")
    changes.sort(key=lambda change: change[0])

    def paint(axis: Any) -> None:
        for place, (change, song) in enumerate(changes):
            better = comparison.second if change < 0 else comparison.first
            (bar,) = axis.barh(place, change, height=0.6, color=system_colour(numbers.get(better, 0)))
            text = f"{song.title}: {change:+.1f} points, {song.more_errors:+d} errors"
            add_tip(bar, text, anchors.get(song.song_id, ""))
        axis.set_yticks(range(len(changes)), [shortened(song.title) for _, song in changes])
        axis.set_ylim(len(changes) - 0.4, -0.6)
        axis.axvline(0, color=QUIET, linewidth=0.8)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel("change of the WER (points)")

    caption = f"The songs that changed most: bars to the left mean fewer errors with {comparison.second}, "
    caption += f"bars to the right fewer with {comparison.first}."
    return Plot(name, title, caption, svg=draw(name, title, paint, width=9.6, height=0.8 + 0.26 * len(changes)))


def _song_point(axis: Any, song: SongRow, number: int, *, name: str, at: float, is_row: bool) -> None:
    score = song.scores[number]
    assert score is not None, "only songs with a score are drawn"
    wer = min(_wer(score) or 0.0, _MOST_PERCENT)
    colour, text = system_colour(number), f"{song.title}\n{name}: {_wer(score) or 0.0:.1f} %"
    if score.interval is not None:
        ends = [min(100 * end, _MOST_PERCENT) for end in (score.interval.low, score.interval.high)]
        text += f" ({100 * score.interval.low:.1f} to {100 * score.interval.high:.1f})"
        axis.plot(*((ends, [at, at]) if is_row else ([at, at], ends)), color=colour, linewidth=2, alpha=0.35)
    place, size = ((wer, at), 5.5) if is_row else ((at, wer), 3.5)
    (point,) = axis.plot(*place, color=colour, marker=system_marker(number), markersize=size)
    add_tip(point, text, song.anchor)


def _wer(score: SongScore | None) -> float | None:
    return None if score is None or score.words.wer is None else 100 * score.words.wer


def _first_wer(song: SongRow) -> float:
    first = _wer(song.scores[0])
    return -1.0 if first is None else first
