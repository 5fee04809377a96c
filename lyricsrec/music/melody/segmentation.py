"""The best notes of a stretch of pitch: each has one pitch, and a given number of them begin a syllable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
import numpy.typing as npt

from lyricsrec.music.melody.settings import MelodyConfig

Floats = npt.NDArray[np.float64]

_MOST_OFF = 2.0
"""Semitones off its pitch beyond which a frame costs no more: it is a slip of the tracker."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of the voice: MIDI number with its fraction, weight of the pitch (0 where unvoiced), strength of an onset.

    `hop_s` is the time from one to the next.
    """

    midi: Floats
    weight: Floats
    onset: Floats
    _: KW_ONLY
    hop_s: float

    def part(self, first: int, last: int) -> Frames:
        """The frames from `first` up to `last`."""
        cut = slice(first, last)
        return Frames(self.midi[cut], self.weight[cut], self.onset[cut], hop_s=self.hop_s)

    def __len__(self) -> int:
        return len(self.midi)


@dataclass(frozen=True)
class Segment:
    """A note of frames `first` up to `last`; `pitch` is a MIDI number of the grid; whether it begins a syllable."""

    first: int
    last: int
    _: KW_ONLY
    pitch: int
    begins: bool


def segment(frames: Frames, lengths: tuple[float, ...], config: MelodyConfig, tuning: float = 0.0) -> list[Segment]:
    """The notes of least cost in voiced frames, in order and without gaps.

    `lengths` are the expected lengths of the syllables, of any unit; as many notes begin a syllable, or fewer where the
    frames are too few. None given (`()`): as many notes as there are. `tuning` is that of the song in semitones.
    """
    num_frames = len(frames)
    if num_frames == 0:
        return []
    pitches, held = _held_costs(frames, tuning)
    cost = held.min(axis=0) + _short_costs(num_frames, frames.hop_s, config)
    gain = config.onset_gain * frames.onset
    count = min(max(len(lengths), 1), num_frames)
    away = _uneven_costs(lengths[:count] or (1.0,), num_frames, config)
    best = np.full((count, num_frames + 1), np.inf)
    back = np.zeros((count, num_frames + 1), np.int64)
    starts_syllable = np.zeros((count, num_frames + 1), bool)
    for last in range(1, num_frames + 1):
        for number in range(count):
            came = cost[:last, last].copy()
            continued = best[number, :last] + config.step_cost - gain[:last]
            continued[0] = np.inf
            if number:
                began = best[number - 1, :last] - gain[:last] + away[number, :last]
            else:
                began = np.full(last, np.inf)
                began[0] = 0.0
            came += np.minimum(continued, began)
            first = int(np.argmin(came))
            best[number, last] = came[first]
            back[number, last] = first
            starts_syllable[number, last] = began[first] <= continued[first]
    return _path(best, back, starts_syllable, pitches, held)


def _held_costs(frames: Frames, tuning: float) -> tuple[npt.NDArray[np.int64], Floats]:
    """The pitches that are tried, and the cost of each from frame a to frame b: (pitches, frames, frames + 1)."""
    voiced = frames.midi[frames.weight > 0]
    low, high = (int(np.floor(voiced.min() - tuning)), int(np.ceil(voiced.max() - tuning))) if len(voiced) else (60, 60)
    pitches = np.arange(low, high + 1)
    off = np.minimum(np.abs(frames.midi[None, :] - tuning - pitches[:, None]), _MOST_OFF) * frames.weight
    total = np.concatenate([np.zeros((len(pitches), 1)), np.cumsum(off, axis=1)], axis=1)
    return pitches, total[:, None, :] - total[:, :-1, None]


def _short_costs(num_frames: int, hop_s: float, config: MelodyConfig) -> Floats:
    length_s = (np.arange(num_frames + 1)[None, :] - np.arange(num_frames)[:, None]) * hop_s
    return config.short_cost * np.clip(1 - length_s / config.short_s, 0, 1)


def _uneven_costs(lengths: Sequence[float], num_frames: int, config: MelodyConfig) -> Floats:
    """The cost of each frame as the beginning of each syllable: (syllables, frames)."""
    expected = num_frames * (np.cumsum(lengths) - lengths) / sum(lengths)
    mean = num_frames / len(lengths)
    return config.uneven_cost * np.abs(np.arange(num_frames)[None, :] - expected[:, None]) / mean


def _path(
    best: Floats,
    back: npt.NDArray[np.int64],
    starts: npt.NDArray[np.bool_],
    pitches: npt.NDArray[np.int64],
    held: Floats,
) -> list[Segment]:
    number, last = len(best) - 1, best.shape[1] - 1
    found: list[Segment] = []
    while last > 0:
        first = int(back[number, last])
        begins = bool(starts[number, last])
        pitch = int(pitches[int(np.argmin(held[:, first, last]))])
        found.append(Segment(first, last, pitch=pitch, begins=begins))
        number, last = number - begins, first
    return found[::-1]
