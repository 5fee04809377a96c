"""The tuning of a song, and the octave in which its voice is: each chosen once for all notes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_OCTAVE = 12
_STEADY = 0.3
_MOST_FROM_MEDIAN = 14.0


def tuning_of(midi: Floats, weight: Floats) -> float:
    """How far the pitches of a song lie from the semitones of A4 = 440 Hz: the circular mean, from -0.5 to 0.5.

    Only frames that the voice holds count: those within 0.3 semitones of the frames beside them.
    """
    step = np.abs(np.diff(midi, append=midi[-1:], prepend=midi[:1]))
    steady = (step[1:] < _STEADY) & (step[:-1] < _STEADY) & (weight > 0)
    if not steady.any():
        return 0.0
    mean = np.sum(weight[steady] * np.exp(2j * np.pi * midi[steady]))
    return float(np.angle(mean) / (2 * np.pi))


def in_range(midi: Floats, weight: Floats) -> Floats:
    """Pitches with those far from the median of the song moved by octaves: the tracker takes some for harmonics."""
    if not (weight > 0).any():
        return midi
    off = midi - np.median(midi[weight > 0])
    far = np.abs(off) > _MOST_FROM_MEDIAN
    return np.where(far, midi - _OCTAVE * np.round(off / _OCTAVE), midi)
