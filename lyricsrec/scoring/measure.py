"""Measurements besides the words: how loud each line of a song is, and the peak memory of recognition."""

from __future__ import annotations

import ctypes
import gc
import math
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType

import numpy as np

from lyricsrec.audio.media import Song
from lyricsrec.scoring.results import LineScore

HOP_S = 0.1
"""The power of a song is measured in windows of this length (seconds)."""

_QUIETEST_DB = -80.0
_EVERY_S = 0.05
_GIB = 1 << 30


def power_of(song: Song) -> tuple[float, ...]:
    """The mean square over all channels, for each `HOP_S` of a song (full scale: 1). Raises AudioError."""
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
    """Lines with the loudness between their start and end, where both are known."""
    return tuple(replace(line, loudness_db=_loudness_db(line, power)) for line in lines)


def _loudness_db(line: LineScore, power: Sequence[float]) -> float | None:
    if line.start_s is None or line.end_s is None:
        return None
    # Rounded because 0.3 / 0.1 is less than 3.
    first, last = (max(round(time_s / HOP_S, 6), 0) for time_s in (line.start_s, line.end_s))
    within = power[math.floor(first) : math.ceil(last)]
    if not within:
        return None
    return round(max(10 * math.log10(max(float(np.mean(within)), 1e-12)), _QUIETEST_DB), 1)


class PeakMemory:
    """A context manager that samples the resident memory of the process every 50 ms; shorter peaks may be missed.

    `gib` and, for CUDA devices, `gpu_gib` are set when it exits.
    """

    def __init__(self, device: str) -> None:
        self._on_gpu = device.startswith("cuda")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.gib: float = 0.0
        self.gpu_gib: float | None = None

    def __enter__(self) -> PeakMemory:
        if self._on_gpu:
            import torch

            torch.cuda.reset_peak_memory_stats()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._on_gpu:
            import torch

            self.gpu_gib = torch.cuda.max_memory_allocated() / _GIB

    def _watch(self) -> None:
        import psutil

        process = psutil.Process()
        while True:
            self.gib = max(self.gib, process.memory_info().rss / _GIB)
            if self._done.wait(_EVERY_S):
                return


def trim_memory() -> None:
    """Return freed memory to the operating system, so that it does not count towards the next peak.

    Only part of it can be returned, and only with glibc; elsewhere this only collects garbage.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
