"""The spectrogram of a song or a stem for the page, computed in a child process (see `sandbox`)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from lyricsrec.audio.audio import Samples
from lyricsrec.audio.media import SAMPLE_RATE, Song, open_song
from lyricsrec.web.limited import Limits
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.sandbox import check_length, run_in_sandbox, run_inspection

HOP_S = 0.02
"""Seconds from one column to the next."""

NUM_BANDS = 96
LOWEST_HZ, HIGHEST_HZ = 80.0, 8000.0
"""The middle of the lowest and of the highest band; the steps between are equal in pitch."""

MAX_DURATION_S = 1800.0
"""The longest song, in seconds, that gets a spectrogram: 4.8 kB a second."""

Levels = NDArray[np.uint8]

_HOP = round(HOP_S * SAMPLE_RATE)
_WINDOW = 2048
_BLOCK_S = 30.0
_RANGE_DB = 70.0
_FLOOR = 1e-10
# Decoding and computing must be at least this many times faster than real time.
_MIN_SPEED = 5.0


def read_spectrogram(path: Path, name: str, config: ServeConfig) -> str:
    """The JSON document of the spectrogram of a sound file. Raises as `run_in_sandbox` does."""
    longest_s = min(config.max_duration_s, MAX_DURATION_S)
    limits = Limits(config.decode_timeout_s + longest_s / _MIN_SPEED, config.decode_memory_gib)
    found = run_in_sandbox(__name__, path, name, max_duration_s=longest_s, limits=limits)
    return json.dumps(found, separators=(",", ":"))


def find_spectrogram(song: Song, max_duration_s: float) -> Levels:
    """Levels (columns, bands) as bytes: 255 is the loudest of the song, 0 is `_RANGE_DB` below and less.

    Raises AudioError when it cannot be decoded, TooLongError when it exceeds `max_duration_s`.
    """
    filters = _filters()
    levels = np.concatenate([_levels(frames, filters) for frames in _frames(song, max_duration_s)])
    above = levels - (levels.max(initial=-np.inf) - _RANGE_DB)
    found: Levels = np.clip(above / _RANGE_DB * 255, 0, 255).round().astype(np.uint8)
    return found


def _frames(song: Song, max_duration_s: float) -> Iterator[Samples]:
    """Windows around the columns (columns, samples) of successive blocks, from silence before the song to after it."""
    rest = np.zeros(_WINDOW // 2, np.float32)
    for block in song.blocks(_BLOCK_S):
        check_length(song, block.end_s, max_duration_s)
        rest = np.concatenate([rest, block.samples.mean(axis=0)])
        yield (frames := _cut(rest))
        rest = rest[len(frames) * _HOP :]
    yield _cut(np.concatenate([rest, np.zeros(_WINDOW // 2, np.float32)]))


def _cut(samples: Samples) -> Samples:
    if len(samples) < _WINDOW:
        return np.zeros((0, _WINDOW), np.float32)
    return np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]


def _levels(frames: Samples, filters: Samples) -> Samples:
    """The levels of all bands in dB."""
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW).astype(np.float32))).astype(np.float32) ** 2
    levels: Samples = 10 * np.log10(power @ filters + np.float32(_FLOOR))
    return levels


def _filters() -> Samples:
    """Triangles (frequencies, bands) from the middle of one band to that of the next but one, at least one bin wide."""
    pitches = np.geomspace(LOWEST_HZ, HIGHEST_HZ, NUM_BANDS)
    ratio = pitches[1] / pitches[0]
    bins = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    reach = np.maximum(pitches * (ratio - 1 / ratio) / 2, bins[1])
    filters: Samples = np.maximum(0, 1 - np.abs(bins[:, None] - pitches) / reach).astype(np.float32)
    return filters


def _inspection(file: BinaryIO, name: str, max_duration_s: float) -> dict[str, Any]:
    levels = find_spectrogram(open_song(file, name), max_duration_s)
    return {
        "hop_s": HOP_S,
        "bands": NUM_BANDS,
        "lowest_hz": LOWEST_HZ,
        "highest_hz": HIGHEST_HZ,
        "levels": base64.b64encode(levels.tobytes()).decode(),
    }


if __name__ == "__main__":
    run_inspection(_inspection)
