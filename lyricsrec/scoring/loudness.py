"""How loud a song is where each of its lines is sung."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lyricsrec.audio.media import Song
from lyricsrec.scoring.results import LineScore

HOP_S = 0.1
"""Length in seconds of the stretches whose power is kept."""

_QUIETEST_DB = -80.0


def power_of(song: Song) -> tuple[float, ...]:
    """The mean square of all channels, for every `HOP_S` of a song (full scale: 1). Raises AudioError."""
    found: list[float] = []
    rest = np.zeros((2, 0), np.float32)
    for block in song.blocks():
        hop = round(HOP_S * block.sample_rate)
        samples = np.concatenate([rest, block.samples], axis=1)
        whole = samples.shape[1] // hop * hop
        squares = np.square(samples[:, :whole]).reshape(2, -1, hop)
        found += [float(f"{value:.3e}") for value in squares.mean(axis=(0, 2))]
        rest = samples[:, whole:]
    return tuple(found)


def with_loudness(lines: Sequence[LineScore], power: Sequence[float]) -> tuple[LineScore, ...]:
    """Lines with the loudness between their times, where they have any."""
    return tuple(replace(line, loudness_db=_loudness_db(line, power)) for line in lines)


def _loudness_db(line: LineScore, power: Sequence[float]) -> float | None:
    if line.start_s is None or line.end_s is None:
        return None
    # Rounded, for 0.3 / 0.1 is less than 3.
    first, last = (max(round(time_s / HOP_S, 6), 0) for time_s in (line.start_s, line.end_s))
    within = power[math.floor(first) : math.ceil(last)]
    if not within:
        return None
    return round(max(10 * math.log10(max(float(np.mean(within)), 1e-12)), _QUIETEST_DB), 1)
