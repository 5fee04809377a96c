"""The pitch of a voice, block by block, by SwiftF0. https://arxiv.org/abs/2508.18440"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.base.errors import AudioError, ModelError
from lyricsrec.music.melody.notes import Voice
from lyricsrec.music.melody.onsets import onset_strength

if TYPE_CHECKING:
    from swift_f0 import PitchResult

RATE = 16_000
"""Sample rate in Hz of the voice that is tracked."""

HOP = 256
"""Samples from one frame to the next."""

EXTRA_HINT = "Install it with `pip install 'lyricsrec[melody]'`."

_LEVEL_RMS = 0.1
_WINDOW = 512
_LOUD_PERCENT = 95
_SILENT_RMS = 1e-3
_LEAST_OF_LOUDEST = 0.3
_MIN_VOICED = 0.5


def check_installed() -> None:
    """Raise ModelError where the extra `melody` is not installed."""
    if importlib.util.find_spec("swift_f0") is None or importlib.util.find_spec("onnxruntime") is None:
        raise ModelError("finding the melody needs the package swift-f0", EXTRA_HINT)


class PitchTracker:
    """Tracks the pitch of vocals that come in blocks without gaps, each brought to the same level. One song long.

    Raises ModelError where the extra `melody` is not installed.
    """

    def __init__(self) -> None:
        check_installed()
        from swift_f0 import SwiftF0

        # One thread that sleeps between calls: the model is small, and torch has threads of its own.
        self._stream = SwiftF0(threads=1, spin=False).stream()
        self._results: list[PitchResult] = []
        self._onsets: list[Samples] = []
        self._rest = np.zeros(0, np.float32)
        self._loudest = 0.0

    def add(self, vocals: Audio) -> None:
        """Track the next block of vocals, which are mono at `RATE` Hz."""
        mono = vocals.samples.mean(axis=0)
        level = _level(mono)
        self._loudest = max(self._loudest, level)
        mono = mono * np.float32(_LEVEL_RMS / max(level, _LEAST_OF_LOUDEST * self._loudest, _SILENT_RMS))
        self._results.append(self._stream.push(mono, RATE))
        joined = np.concatenate([self._rest, mono])
        num_frames = len(joined) // HOP
        self._onsets.append(onset_strength(joined, RATE, HOP, num_frames).astype(np.float32))
        self._rest = joined[num_frames * HOP :]

    def finish(self, name: str) -> Voice:
        """The pitch of the song called `name`. Raises AudioError where no voice or no pitch is found."""
        if self._loudest < _SILENT_RMS:
            raise AudioError(f"{name}: no voice found, so there is no melody", "Is it an instrumental?")
        results = [*self._results, self._stream.flush()]
        hertz = np.concatenate([each.pitch_hz for each in results])
        confidence = np.concatenate([each.confidence for each in results])
        onset = np.concatenate(self._onsets).astype(np.float64)
        length = min(len(hertz), len(onset))
        if not (confidence[:length] >= _MIN_VOICED).any():
            raise AudioError(f"{name}: no pitch found in the voice, so there is no melody", "Is it only spoken?")
        return Voice(hertz[:length], confidence[:length], onset[:length], hop_s=HOP / RATE)


def _level(mono: Samples) -> float:
    """The RMS of the loud parts."""
    if len(mono) < _WINDOW:
        return 0.0
    frames = mono[: len(mono) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    return float(np.percentile(np.sqrt(np.square(frames).mean(axis=1)), _LOUD_PERCENT))
