"""Plots of a report: one for each figure, all systems in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lyricsrec.scoring.by_song import SongRow, songs_of
from lyricsrec.scoring.conditions import NUM_LEVELS, NUM_PLACES, Level, by_loudness, by_position, by_speed
from lyricsrec.scoring.drawing import (
    INK,
    KINDS,
    QUIET,
    add_tip,
    draw,
    system_colour,
    system_mark,
    system_marker,
)
from lyricsrec.scoring.figures import FAR_S, WITHIN_S, Comparison, Report, SongScore, SystemScore

MOST_LABELS = 40
"""With more songs than these, points have no names beside them."""

_MOST_PERCENT = 200.0
_BIN_S = 0.025
_TITLE_LENGTH = 38
_DONE = {"substitute": "substituted", "delete": "deleted", "insert": "inserted"}
_UNTIMED = "No word has a time in both a reference and a hypothesis."


@dataclass(frozen=True)
class Plot:
    """A plot with its title and how to read it; without `svg` the caption says why there is none."""

    name: str
    title: str
    caption: str
    svg: str = ""


def plots_of(report: Report) -> list[Plot]:
    """The plots of a report, the first the widest."""
    systems = report.systems
    return [
        songs_plot(songs_of(report), systems),
        kinds_plot(systems),
        *_conditions(systems),
        deviations_plot(systems),
        cumulative_plot(systems),
    ]


def songs_plot(songs: Sequence[SongRow], systems: Sequence[SystemScore]) -> Plot:
    """WER of every song with its interval, sorted by the first system's."""
    shown = sorted((song for song in songs if any(map(_wer, song.scores))), key=_first_wer, reverse=True)
    if not shown:
        return Plot("songs", "WER by song", "No song has words in its reference.")
    named = len(shown) <= MOST_LABELS
    caption = "Each row is a song" if named else "Each column of points is a song, the worst at the left"
    caption += ", sorted by the first system; lines are 95 % intervals. A click leads to the song."
    if max(_wer(score) or 0 for song in shown for score in song.scores) > _MOST_PERCENT:
        caption += f" Songs beyond {_MOST_PERCENT:.0f} % are drawn there."

    def paint(axis: Any) -> None:
        step = min(0.22, 0.7 / len(systems))
        for place, song in enumerate(shown):
            for number, score in enumerate(song.scores):
                if score is not None and score.words.wer is not None:
                    at = place + (number - (len(systems) - 1) / 2) * step
                    _song_point(axis, song, score, systems[number].name, number, at, named)
        _key(axis, systems)
        if named:
            axis.set_yticks(range(len(shown)), [_shortened(song.title) for song in shown])
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

    height = max(2.0, 0.7 + len(shown) * (0.2 + 0.07 * len(systems))) if named else 4.0
    return Plot("songs", "WER by song", caption, draw("songs", "WER by song", paint, 9.6, height))


def kinds_plot(systems: Sequence[SystemScore]) -> Plot:
    """Substitutions, deletions and insertions as shares of the reference's words, stacked to the WER."""
    name, title = "kinds", "Error types"
    if not any(system.words.num_words for system in systems):
        return Plot(name, title, "No reference has words.")

    def paint(axis: Any) -> None:
        for place, system in enumerate(systems):
            words = system.words
            left = 0.0
            counts = zip(KINDS.items(), (words.substitutions, words.deletions, words.insertions), strict=True)
            for (kind, colour), count in counts:
                share = 100 * count / max(words.num_words, 1)
                (bar,) = axis.barh(place, share, left=left, height=0.55, color=colour, label="" if place else _DONE[kind])
                add_tip(bar, f"{system.name}: {count} words {_DONE[kind]}, {share:.1f} %")
                left += share
            axis.text(left + 0.8, place, f"{left:.1f} %", va="center", color=INK)
        axis.set_yticks(range(len(systems)), [_label(systems, i) for i in range(len(systems))])
        axis.set_ylim(len(systems) - 0.4, -0.6)
        axis.margins(x=0.15)
        axis.set_xlim(left=0)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel("share of the reference's words (%)")
        axis.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)

    caption = "The three kinds of errors add up to the WER: misheard, missed, and made up."
    return Plot(name, title, caption, draw(name, title, paint, height=1.4 + 0.5 * len(systems)))


def deviations_plot(systems: Sequence[SystemScore]) -> Plot:
    """A histogram of how much too late words begin."""
    name, title = "deviations", "Alignment errors"
    late = [_late(system) for system in systems]
    if not any(map(len, late)):
        return Plot(name, title, _UNTIMED)
    beyond = [
        f"{system.name} {np.sum(values < -FAR_S)} earlier, {np.sum(values > FAR_S)} later"
        for system, values in zip(systems, late, strict=True)
        if len(values)
    ]

    def paint(axis: Any) -> None:
        borders = np.linspace(-FAR_S - _BIN_S, FAR_S + _BIN_S, round(2 * FAR_S / _BIN_S) + 3)
        for number, values in enumerate(late):
            if len(values):
                counts, _ = np.histogram(np.clip(values, borders[0], borders[-1]), borders)
                axis.stairs(100 * counts / len(values), borders, color=system_colour(number), linewidth=1.4)
                axis.stairs(100 * counts / len(values), borders, color=system_colour(number), fill=True, alpha=0.15)
        axis.axvline(0, color=QUIET, linewidth=0.8)
        axis.set_xlabel("start of the word, later than the reference (s)")
        axis.set_ylabel("words (%)")
        _key(axis, systems)

    caption = f"How much too late (right of 0) or too early words begin, in steps of {1000 * _BIN_S:.0f} ms; "
    caption += f"the outermost bars hold all beyond {FAR_S:.0f} s: {'; '.join(beyond)}."
    return Plot(name, title, caption, draw(name, title, paint))


def cumulative_plot(systems: Sequence[SystemScore]) -> Plot:
    """The share of words that begin within some time of the reference."""
    name, title = "cumulative", "Words in time"
    late = [np.sort(np.abs(_late(system))) for system in systems]
    if not any(map(len, late)):
        return Plot(name, title, _UNTIMED)

    def paint(axis: Any) -> None:
        within_s = np.geomspace(0.01, 10, 181)
        for number, values in enumerate(late):
            if len(values):
                shares = 100 * np.searchsorted(values, within_s, side="right") / len(values)
                axis.plot(within_s, shares, color=system_colour(number))
        axis.axvline(WITHIN_S, color=QUIET, linewidth=0.8, linestyle="--")
        axis.text(WITHIN_S * 1.06, 2, f"{WITHIN_S} s", color=QUIET)
        axis.set_xscale("log")
        axis.set_xticks([0.01, 0.1, 1, 10], ["10 ms", "100 ms", "1 s", "10 s"])
        axis.set_xlim(0.01, 10)
        axis.set_ylim(0, 101)
        axis.set_xlabel("error of a word's start")
        axis.set_ylabel("words within it (%)")
        _key(axis, systems)

    caption = "The share of timed words whose start is at most so far off: the further up and left, the better."
    return Plot(name, title, caption, draw(name, title, paint))


def changes_plot(comparison: Comparison, name: str, anchors: dict[str, str], numbers: dict[str, int]) -> Plot:
    """The songs whose WER changed most between two systems; `numbers` are those of the systems in the report."""
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
            add_tip(bar, f"{song.title}: {change:+.1f} points, {song.more_errors:+d} errors", anchors.get(song.song_id, ""))
        axis.set_yticks(range(len(changes)), [_shortened(song.title) for _, song in changes])
        axis.set_ylim(len(changes) - 0.4, -0.6)
        axis.axvline(0, color=QUIET, linewidth=0.8)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel("change of the WER (points)")

    caption = f"The songs that changed most: bars to the left are fewer errors by {comparison.second}, "
    caption += f"to the right fewer by {comparison.first}."
    return Plot(name, title, caption, draw(name, title, paint, 9.6, 0.8 + 0.26 * len(changes)))


def _conditions(systems: Sequence[SystemScore]) -> list[Plot]:
    alike = f"each point pools an equal part of the lines (up to {NUM_LEVELS} parts)"
    return [
        _condition(
            systems, by_loudness, "loudness", "Errors by loudness", "RMS of the sound under the line (dB, full scale: 0)",
            f"WER of lines from the softest to the loudest; {alike}, bars are 95 % intervals.",
            "The loudness of the lines is not known: it needs the sound, and references with times.",
        ),
        _condition(
            systems, by_speed, "speed", "Errors by speed", "words a second of the line",
            f"WER of lines from the slowest to the fastest; {alike}, bars are 95 % intervals.",
            "The speed of the lines is not known: it needs references with times.",
        ),
        _condition(
            systems, by_position, "position", "Errors by place in the song", "share of the song that has passed (%)",
            f"WER in each of {NUM_PLACES} equal parts of the songs, by time, or by lines where there are no times; "
            "bars are 95 % intervals.",
            "No reference has words.", 100.0,
        ),
    ]  # fmt: skip


def _condition(
    systems: Sequence[SystemScore],
    levels_of: Callable[[SystemScore], tuple[Level, ...]],
    name: str,
    title: str,
    axis_label: str,
    caption: str,
    why_not: str,
    scale: float = 1.0,
) -> Plot:
    found = [levels_of(system) for system in systems]
    if not any(found):
        return Plot(name, title, why_not)
    return Plot(name, title, caption, draw(name, title, partial(_paint_levels, systems, found, axis_label, scale)))


def _paint_levels(
    systems: Sequence[SystemScore], found: Sequence[tuple[Level, ...]], axis_label: str, scale: float, axis: Any
) -> None:
    for number, levels in enumerate(found):
        x, rates = [scale * level.value for level in levels], [100 * level.rate for level in levels]
        colour = system_colour(number)
        axis.vlines(
            x,
            [max(100 * (level.rate - level.margin), 0) for level in levels],
            [100 * (level.rate + level.margin) for level in levels],
            color=colour, linewidth=4, alpha=0.25,
        )  # fmt: skip
        axis.plot(x, rates, color=colour, linewidth=1, alpha=0.6)
        for level, at, rate in zip(levels, x, rates, strict=True):
            (point,) = axis.plot(at, rate, color=colour, marker=system_marker(number), markersize=4.5)
            add_tip(point, f"{systems[number].name}: {rate:.1f} % ± {100 * level.margin:.1f}, {level.num_lines} lines")
    axis.set_ylim(bottom=0)
    axis.set_xlabel(axis_label)
    axis.set_ylabel("WER (%)")
    _key(axis, systems)


def _song_point(
    axis: Any, song: SongRow, score: SongScore, system: str, number: int, at: float, is_row: bool
) -> None:
    wer = min(_wer(score) or 0.0, _MOST_PERCENT)
    colour, text = system_colour(number), f"{song.title}\n{system}: {_wer(score) or 0.0:.1f} %"
    if score.interval is not None:
        ends = [min(100 * end, _MOST_PERCENT) for end in (score.interval.low, score.interval.high)]
        text += f" ({100 * score.interval.low:.1f} to {100 * score.interval.high:.1f})"
        axis.plot(*((ends, [at, at]) if is_row else ([at, at], ends)), color=colour, linewidth=2, alpha=0.35)
    size = 5.5 if is_row else 3.5
    (point,) = axis.plot(*((wer, at) if is_row else (at, wer)), color=colour, marker=system_marker(number), markersize=size)
    add_tip(point, text, song.anchor)


def _key(axis: Any, systems: Sequence[SystemScore]) -> None:
    """Which colour and shape is which system, above the plot; one needs no key."""
    if len(systems) < 2:
        return
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=system_colour(i), marker=system_marker(i), markersize=4.5, label=_label(systems, i))
        for i in range(len(systems))
    ]
    axis.legend(handles=handles, ncols=min(len(systems), 4), loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)


def _label(systems: Sequence[SystemScore], number: int) -> str:
    return f"{system_mark(number)}  {_shortened(systems[number].name)}" if len(systems) > 1 else systems[number].name


def _shortened(text: str) -> str:
    return text if len(text) <= _TITLE_LENGTH else text[: _TITLE_LENGTH - 1] + "…"


def _wer(score: SongScore | None) -> float | None:
    return None if score is None or score.words.wer is None else 100 * score.words.wer


def _first_wer(song: SongRow) -> float:
    first = _wer(song.scores[0])
    return -1.0 if first is None else first


def _late(system: SystemScore) -> Any:
    return np.array([deviation.late_s for song in system.songs for deviation in song.deviations], float)
