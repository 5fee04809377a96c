"""Plots of all systems: error types, conditions and timing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from lyricsrec.scoring.report.conditions import NUM_LEVELS, NUM_PLACES, Level, by_loudness, by_position, by_speed
from lyricsrec.scoring.report.rows import songs_of
from lyricsrec.scoring.report.song_plots import songs_plot
from lyricsrec.scoring.report.svg import (
    INK,
    KINDS,
    QUIET,
    Plot,
    add_key,
    add_tip,
    draw,
    system_colour,
    system_label,
    system_marker,
)
from lyricsrec.scoring.results import FAR_S, WITHIN_S, Report, SystemScore

_BIN_S = 0.025
_PAST = {"substitute": "substituted", "delete": "deleted", "insert": "inserted"}
_UNTIMED = "No matched word has times in both reference and hypothesis."


def plots_of(report: Report) -> list[Plot]:
    """The plots of a report; the first one is wide."""
    systems = report.systems
    return [
        songs_plot(songs_of(report), _names(systems)),
        kinds_plot(systems),
        *(condition_plot(systems, condition) for condition in _CONDITIONS),
        deviations_plot(systems),
        cumulative_plot(systems),
    ]


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
                label = "" if place else _PAST[kind]
                (bar,) = axis.barh(place, share, left=left, height=0.55, color=colour, label=label)
                add_tip(bar, f"{system.name}: {count} words {_PAST[kind]}, {share:.1f} %")
                left += share
            axis.annotate(f"{left:.1f} %", (left, place), (4, 0), textcoords="offset points", va="center", color=INK)
        axis.set_yticks(range(len(systems)), [system_label(_names(systems), i) for i in range(len(systems))])
        axis.set_ylim(len(systems) - 0.4, -0.6)
        axis.set_xlim(0, 1.15 * max(axis.get_xlim()[1], 1.0))
        axis.grid(visible=False, axis="y")
        axis.set_xlabel("share of the reference's words (%)")
        axis.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)

    caption = "Substitutions, deletions and insertions add up to the WER."
    return Plot(name, title, caption, svg=draw(name, title, paint, height=1.4 + 0.5 * len(systems)))


def deviations_plot(systems: Sequence[SystemScore]) -> Plot:
    """A histogram of the timing errors of words."""
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
        axis.set_xlabel("timing error of the start of a word (s)")
        axis.set_ylabel("words (%)")
        add_key(axis, _names(systems))

    caption = (
        f"How much later (right of 0) or earlier words start than in the reference, in {1000 * _BIN_S:.0f} ms bins; "
    )
    caption += f"the outermost bins hold all beyond {FAR_S:.0f} s: {'; '.join(beyond)}."
    return Plot(name, title, caption, svg=draw(name, title, paint))


def cumulative_plot(systems: Sequence[SystemScore]) -> Plot:
    """The share of words within a timing error."""
    name, title = "cumulative", "Words within a timing error"
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
        axis.set_xlabel("timing error of the start of a word")
        axis.set_ylabel("words (%)")
        add_key(axis, _names(systems))

    caption = "The share of matched words with at most this timing error: further up and left is better."
    return Plot(name, title, caption, svg=draw(name, title, paint))


@dataclass(frozen=True)
class _Condition:
    """A plot of error rates by a property of lines; `missing` is the caption where no line has it."""

    name: str
    title: str
    levels: Callable[[SystemScore], tuple[Level, ...]]
    _: KW_ONLY
    axis_label: str
    caption: str
    missing: str
    scale: float = 1.0


_GROUPS = f"each point pools an equal share of the lines (up to {NUM_LEVELS} groups)"
_CONDITIONS = (
    _Condition(
        "loudness",
        "Errors by loudness",
        by_loudness,
        axis_label="RMS of the audio within the line (dB, full scale: 0)",
        caption=f"WER of lines from the quietest to the loudest; {_GROUPS}, bars are 95 % intervals.",
        missing="The loudness of the lines is unknown: it needs the audio, and references with times.",
    ),
    _Condition(
        "speed",
        "Errors by speed",
        by_speed,
        axis_label="words per second of the line",
        caption=f"WER of lines from the slowest to the fastest; {_GROUPS}, bars are 95 % intervals.",
        missing="The speed of the lines is unknown: it needs references with times.",
    ),
    _Condition(
        "position",
        "Errors by position in the song",
        by_position,
        axis_label="position in the song (%)",
        caption=f"WER in {NUM_PLACES} equal parts of the songs, by time, or by lines where times are missing; "
        "bars are 95 % intervals.",
        missing="No reference has words.",
        scale=100.0,
    ),
)


def condition_plot(systems: Sequence[SystemScore], condition: _Condition) -> Plot:
    """The error rate of lines by one of their properties."""
    found = [condition.levels(system) for system in systems]
    if not any(found):
        return Plot(condition.name, condition.title, condition.missing)

    def paint(axis: Any) -> None:
        for number, levels in enumerate(found):
            _paint_levels(axis, levels, number, name=systems[number].name, scale=condition.scale)
        axis.set_ylim(bottom=0)
        if condition.scale == 100:
            axis.set_xlim(0, 100)
        axis.set_xlabel(condition.axis_label)
        axis.set_ylabel("WER (%)")
        add_key(axis, _names(systems))

    return Plot(condition.name, condition.title, condition.caption, svg=draw(condition.name, condition.title, paint))


def _paint_levels(axis: Any, levels: Sequence[Level], number: int, *, name: str, scale: float) -> None:
    x, rates = [scale * level.value for level in levels], [100 * level.rate for level in levels]
    lows = [max(100 * (level.rate - level.margin), 0) for level in levels]
    highs = [100 * (level.rate + level.margin) for level in levels]
    colour = system_colour(number)
    axis.vlines(x, lows, highs, color=colour, linewidth=4, alpha=0.25)
    axis.plot(x, rates, color=colour, linewidth=1, alpha=0.6)
    for level, at, rate in zip(levels, x, rates, strict=True):
        (point,) = axis.plot(at, rate, color=colour, marker=system_marker(number), markersize=4.5)
        add_tip(point, f"{name}: {rate:.1f} % ± {100 * level.margin:.1f}, {level.num_lines} lines")


def _names(systems: Sequence[SystemScore]) -> list[str]:
    return [system.name for system in systems]


def _late(system: SystemScore) -> Any:
    return np.array([deviation.late_s for song in system.songs for deviation in song.deviations], float)
