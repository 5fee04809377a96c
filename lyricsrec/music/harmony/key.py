"""Key: which of the 24 major and minor keys explains best how long each pitch class sounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.lyrics.music.harmony import PITCH_CLASSES, Key, Mode
from lyricsrec.music.harmony.spectra import RATE, magnitudes, mono

Chroma = npt.NDArray[np.float64]

# Krumhansl and Kessler (1982): how well each pitch class fits C major and C minor.
_PROFILES: dict[Mode, tuple[float, ...]] = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
_WINDOW, _HOP = 8192, 4096
_LOWEST_HZ, _HIGHEST_HZ = 100.0, 2000.0
_LOWEST_NOTE, _HIGHEST_NOTE = 48, 84
"""C3 to C6: peaks above are mostly overtones, fifths and thirds of what is played."""
_FAINT = 1e-4
"""Peaks of less than -80 dB of full scale are not music."""


def find_key(audio: Audio) -> Key | None:
    """The key of a song; None where no tone sounds."""
    return key_of(mono(audio))


def key_of(signal: Samples) -> Key | None:
    """The key of a mono signal at the rate of `spectra`; None where no tone sounds."""
    pitches, weights = spectral_peaks(signal)
    if not weights.any():
        return None
    tuning = tuning_of(pitches, weights)
    notes = np.round(pitches - tuning).astype(int)
    is_near = (notes >= _LOWEST_NOTE) & (notes <= _HIGHEST_NOTE)
    scores = key_scores(np.bincount(notes[is_near] % 12, weights[is_near], minlength=12).astype(np.float64))
    (best, tonic, mode), (second, _, _) = scores[:2]
    return Key(
        PITCH_CLASSES[tonic],
        mode,
        tuning_cents=round(100 * tuning, 1),
        confidence=round(float(np.clip(best - second, 0, 1)), 3),
    )


def key_scores(chroma: Chroma) -> list[tuple[float, int, Mode]]:
    """Correlation of chroma (12, from C) with the profile of each key, its tonic and mode; the best first."""
    scores = [
        (float(np.nan_to_num(np.corrcoef(np.roll(chroma, -tonic), profile)[0, 1])), tonic, mode)
        for mode, profile in _PROFILES.items()
        for tonic in range(12)
    ]
    return sorted(scores, key=lambda score: -score[0])


def spectral_peaks(signal: Samples) -> tuple[Chroma, Chroma]:
    """MIDI pitches (with fractions) of all spectral peaks between 100 and 2000 Hz, and the square root of magnitudes.

    Frequencies between bins are those of a parabola through log magnitudes.
    """
    first, last = (round(hz * _WINDOW / RATE) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    pitches, weights = [np.zeros(0)], [np.zeros(0)]
    for block in magnitudes(signal, _WINDOW, _HOP):
        level = block[:, first - 1 : last + 1].astype(np.float64)
        centre, left, right = level[:, 1:-1], level[:, :-2], level[:, 2:]
        floor = np.maximum(level.max(axis=1, keepdims=True) * 0.02, _FAINT)
        where = (centre > left) & (centre >= right) & (centre > floor)
        low, mid, high = (np.log(np.maximum(side[where], 1e-12)) for side in (left, centre, right))
        bins = first + np.nonzero(where)[1] + 0.5 * (low - high) / (low - 2 * mid + high)
        pitches.append(69 + 12 * np.log2(bins * RATE / _WINDOW / 440))
        weights.append(np.sqrt(centre[where]))
    return np.concatenate(pitches), np.concatenate(weights)


def tuning_of(pitches: Chroma, weights: Chroma) -> float:
    """How far pitches lie above those of A4 = 440 Hz, in semitones from -0.5 to 0.5: their mean on the circle."""
    return float(np.angle(np.sum(weights * np.exp(2j * np.pi * pitches))) / (2 * np.pi))
