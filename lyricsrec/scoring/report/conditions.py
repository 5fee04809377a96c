"""Error rates of lines by loudness, by speed, and by position in the song."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise

from lyricsrec.scoring.one_song import num_errors, num_words
from lyricsrec.scoring.results import LineScore, SongScore, SystemScore

NUM_LEVELS = 8
"""Number of groups of about equal size: more show finer detail with wider intervals."""

NUM_PLACES = 10
"""Number of parts of the song, all of equal length."""


@dataclass(frozen=True)
class Level:
    """A group of similar lines: their median value, pooled error rate, and half the width of its 95 % interval."""

    value: float
    rate: float
    margin: float
    _: KW_ONLY
    num_lines: int


@dataclass(frozen=True)
class _Sample:
    value: float
    errors: int
    words: int


def by_loudness(system: SystemScore) -> tuple[Level, ...]:
    """By the loudness of the audio within a line (dB, full scale: 0)."""
    return _levels(_samples(system, lambda song, i: song.lines[i].loudness_db))


def by_speed(system: SystemScore) -> tuple[Level, ...]:
    """By the words per second of a line."""
    return _levels(_samples(system, lambda song, i: _speed(song.lines[i])))


def by_position(system: SystemScore) -> tuple[Level, ...]:
    """By the position in the song, from 0 to 1: in time, or in lines where times are missing."""
    places: list[list[_Sample]] = [[] for _ in range(NUM_PLACES)]
    for sample in _samples(system, _position):
        places[min(int(sample.value * NUM_PLACES), NUM_PLACES - 1)].append(sample)
    return tuple(_level((i + 0.5) / NUM_PLACES, members) for i, members in enumerate(places) if members)


def _samples(system: SystemScore, value_of: Callable[[SongScore, int], float | None]) -> Iterator[_Sample]:
    for song in system.songs:
        for i, line in enumerate(song.lines):
            value, words = value_of(song, i), num_words(line)
            if value is not None and math.isfinite(value) and words:
                yield _Sample(value, num_errors(line), words)


def _speed(line: LineScore) -> float | None:
    if line.start_s is None or line.end_s is None or line.end_s <= line.start_s:
        return None
    return num_words(line) / (line.end_s - line.start_s)


def _position(song: SongScore, i: int) -> float:
    start_s = song.lines[i].start_s
    if start_s is None or not song.duration_s or any(line.start_s is None for line in song.lines):
        return i / len(song.lines)
    return min(max(start_s / song.duration_s, 0.0), 1.0)


def _levels(samples: Iterator[_Sample]) -> tuple[Level, ...]:
    ordered = sorted(samples, key=lambda sample: sample.value)
    count = min(NUM_LEVELS, len(ordered))
    borders = [round(i * len(ordered) / count) for i in range(count + 1)] if count else []
    groups = [ordered[first:last] for first, last in pairwise(borders)]
    return tuple(_level(group[len(group) // 2].value, group) for group in groups)


def _level(value: float, members: Sequence[_Sample]) -> Level:
    """The error rate of a group of lines, with the standard error of a ratio estimator over lines."""
    words = sum(sample.words for sample in members)
    rate = sum(sample.errors for sample in members) / words
    spread = math.sqrt(sum((sample.errors - rate * sample.words) ** 2 for sample in members)) / words
    return Level(value, rate, 1.96 * spread, num_lines=len(members))
