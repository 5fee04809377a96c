"""The image below the words: a song's spectrogram or waveform, computed block by block."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.audio.media import SAMPLE_RATE, Song
from lyricsrec.base.progress import Report, ignore
from lyricsrec.plot.settings import Background

COLUMNS_PER_S = 60
"""Columns of a backdrop per second: one for each frame of the spectrogram."""

_HOP = SAMPLE_RATE // COLUMNS_PER_S
_FRAME = 2048
_HEIGHT = 80
_LOW_HZ, _HIGH_HZ = 80.0, 8000.0
_RANGE_DB = 55.0
_CONTRAST = 1.5
_FLOOR_DB = -120.0
_LEVELS_PER_DB = 2.0
_FRAMES_AT_ONCE = 1024
_BLOCK_S = 30.0

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Backdrop:
    """An image (height, columns) of a song from `start_s` to `end_s`, lowest row first, from 0 (silence) to 255.

    `duration_s` is the duration of the whole song.
    """

    pixels: Pixels
    start_s: float
    end_s: float
    _: KW_ONLY
    duration_s: float

    def cut(self, start_s: float, end_s: float) -> Pixels:
        """The columns between two times."""
        first, last = (max(round((time_s - self.start_s) * COLUMNS_PER_S), 0) for time_s in (start_s, end_s))
        return self.pixels[:, first:last]


class _Painter(Protocol):
    def add(self, mono: Samples) -> None: ...

    def finish(self) -> Pixels: ...


def read_backdrop(
    song: Song,
    kind: Background,
    *,
    from_s: float = 0.0,
    to_s: float | None = None,
    report: Report = ignore,
    collect: Callable[[Audio], None] | None = None,
) -> Backdrop:
    """Read a song and paint it between two times.

    An hour takes 17 MB. `collect` gets every block of audio that is painted. Raises AudioError when the song cannot be
    read.
    """
    painter = PAINTERS[kind]()
    limit_s = float("inf") if to_s is None else to_s
    read_s = 0.0
    for block in song.blocks(_BLOCK_S):
        read_s = block.end_s
        part = block.cut(from_s, min(limit_s, read_s))
        if part.num_samples:
            painter.add(part.samples.mean(axis=0))
            if collect is not None:
                collect(part)
        report(read_s)
        if read_s >= limit_s:
            break
    duration_s = max(read_s, song.duration_s) if read_s >= limit_s else read_s
    return Backdrop(painter.finish(), from_s, max(min(limit_s, duration_s), from_s), duration_s=duration_s)


class _Nothing:
    def add(self, mono: Samples) -> None:
        pass

    def finish(self) -> Pixels:
        return np.zeros((_HEIGHT, 0), np.uint8)


class _Spectrogram:
    """Power in bands of equal width on the mel scale, in half decibels above a floor."""

    def __init__(self) -> None:
        self._filters = _mel_filters()
        self._window = np.hanning(_FRAME).astype(np.float32)
        # Padding centres the first column on the first sample.
        self._rest = np.zeros(_FRAME // 2, np.float32)
        self._levels: list[Pixels] = []

    def add(self, mono: Samples) -> None:
        self._rest = np.concatenate([self._rest, mono])
        count = max((len(self._rest) - _FRAME) // _HOP + 1, 0)
        if count:
            frames = np.lib.stride_tricks.sliding_window_view(self._rest, _FRAME)[::_HOP]
            for first in range(0, count, _FRAMES_AT_ONCE):
                spectrum = np.abs(np.fft.rfft(frames[first : first + _FRAMES_AT_ONCE] * self._window))
                power = np.square(spectrum / (_FRAME / 4)) @ self._filters.T
                decibels = 10 * np.log10(np.maximum(power, 1e-12))
                levels = np.clip((decibels - _FLOOR_DB) * _LEVELS_PER_DB, 0, 255)
                self._levels.append(levels.astype(np.uint8).T)
            self._rest = self._rest[count * _HOP :].copy()

    def finish(self) -> Pixels:
        self.add(np.zeros(_FRAME // 2, np.float32))
        levels = np.concatenate(self._levels, axis=1) if self._levels else np.zeros((_HEIGHT, 0), np.uint8)
        self._levels.clear()
        top = np.quantile(levels[:, ::7], 0.999) if levels.size else 0.0
        shades = np.clip((np.arange(256) - top) / (_RANGE_DB * _LEVELS_PER_DB) + 1, 0, 1) ** _CONTRAST
        # Silence is white even in a quiet song.
        shades[0] = 0.0
        return np.asarray(255 * shades, np.uint8)[levels]


def _mel_filters() -> npt.NDArray[np.float64]:
    """Triangular filters (bands, bins) on HTK's mel scale, rising by 3 dB per octave, which music loses on average."""
    low_mel, high_mel = (2595 * math.log10(1 + hz / 700) for hz in (_LOW_HZ, _HIGH_HZ))
    borders = 700 * (10 ** (np.linspace(low_mel, high_mel, _HEIGHT + 2) / 2595) - 1)
    bins_hz = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE)
    # No triangle is narrower than a bin.
    step_hz = bins_hz[1]
    rows = [
        np.interp(bins_hz, [min(low, mid - step_hz), mid, max(high, mid + step_hz)], [0, mid / 1000, 0])
        for low, mid, high in zip(borders, borders[1:], borders[2:], strict=False)
    ]
    return np.stack(rows)


class _Waveform:
    """Peaks in a light shade, with the loudness (RMS) inside them in a dark shade."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._heights: list[npt.NDArray[np.float32]] = []

    def add(self, mono: Samples) -> None:
        joined = np.concatenate([self._rest, mono])
        count = len(joined) // _HOP
        pieces = joined[: count * _HOP].reshape(count, _HOP)
        self._heights.append(np.stack([np.abs(pieces).max(axis=1), np.sqrt(np.square(pieces).mean(axis=1))]))
        self._rest = joined[count * _HOP :]

    def finish(self) -> Pixels:
        if len(self._rest):
            self.add(np.zeros(_HOP - len(self._rest), np.float32))
        heights = np.concatenate([np.zeros((2, 0), np.float32), *self._heights], axis=1)
        half = (_HEIGHT - 1) / 2
        rows = np.abs(np.arange(_HEIGHT, dtype=np.float32) - half)[:, None]
        scale = half / max(float(heights.max(initial=0.0)), 1e-4)
        shades = np.zeros((_HEIGHT, heights.shape[1]), np.float32)
        for height, share in zip(heights, (0.4, 0.6), strict=True):
            # Half a pixel at the border is half as dark; silence shows as a line.
            shades += share * np.clip(height * scale - rows + 0.5, 0, 1)
        shades[rows[:, 0] < 1] = np.maximum(shades[rows[:, 0] < 1], 0.4)
        return np.asarray(255 * shades, np.uint8)


PAINTERS: dict[Background, type[_Painter]] = {"spectrogram": _Spectrogram, "waveform": _Waveform, "none": _Nothing}
