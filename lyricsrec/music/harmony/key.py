"""Key: which of the 24 major and minor keys explains best how strong each pitch class is.

Profiles after Albrecht and Shanahan, "The Use of Large Corpora to Train a New Type of Key-Finding Algorithm" (2013),
https://doi.org/10.1525/mp.2013.31.1.59
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.lyrics.music.harmony import PITCH_CLASSES, Key, Mode
from lyricsrec.music.harmony.spectra import RATE, magnitudes, mono

Chroma = npt.NDArray[np.float64]

# Albrecht and Shanahan (2013): how often each pitch class is played in pieces in C major and C minor.
_PROFILES: dict[Mode, tuple[float, ...]] = {
    "major": (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    "minor": (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
_WINDOW, _HOP = 8192, 4096
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 2000.0
_LOWEST_NOTE, _HIGHEST_NOTE = 36, 84
"""C2 to C6: peaks above are mostly overtones, fifths and thirds of what is played."""
_FAINT = 1e-4
"""Peaks of less than -80 dB of full scale are not music."""
_OPENING, _OPENING_WEIGHT = 11, 0.2
"""How many frames the opening has, 2 s, and what its correlation counts beside that of the whole song."""


def find_key(audio: Audio) -> Key | None:
    """The key of a song; None where no tone sounds."""
    return key_of(mono(audio))


def key_of(signal: Samples) -> Key | None:
    """The key of a mono signal at the rate of `spectra`; None where no tone sounds."""
    peaks = spectral_peaks(signal)
    if not peaks.weights.any():
        return None
    tuning = tuning_of(peaks)
    (best, tonic, mode), (second, _, _) = key_scores(chroma_of(peaks, tuning))[:2]
    return Key(
        PITCH_CLASSES[tonic],
        mode,
        tuning_cents=round(100 * tuning, 1),
        confidence=round(float(np.clip(best - second, 0, 1)), 3),
    )


def key_scores(chroma: Chroma) -> list[tuple[float, int, Mode]]:
    """How well chroma (frames, 12, from C) fit each key: its score, tonic and mode; the best first.

    The correlation of their sum with the profile of the key, and, with less weight, that of the opening.
    """
    whole, opening = chroma.sum(axis=0), chroma[:_OPENING].sum(axis=0)
    keys = [(tonic, mode, np.roll(_PROFILES[mode], tonic)) for mode in _PROFILES for tonic in range(12)]
    weights = np.array([1, _OPENING_WEIGHT]) / (1 + _OPENING_WEIGHT)
    scores = [
        (float(weights @ [_correlation(whole, profile), _correlation(opening, profile)]), tonic, mode)
        for tonic, mode, profile in keys
    ]
    return sorted(scores, key=lambda score: -score[0])


def _correlation(chroma: Chroma, profile: Chroma) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.nan_to_num(np.corrcoef(chroma, profile)[0, 1]))


@dataclass(frozen=True, eq=False)
class Peaks:
    """Spectral peaks: the frame of each, its MIDI pitch (with a fraction), and its magnitude."""

    frames: npt.NDArray[np.int64]
    pitches: Chroma
    weights: Chroma


def spectral_peaks(signal: Samples) -> Peaks:
    """All peaks between 60 and 2000 Hz that are at most 20 dB below the greatest of their frame.

    Frequencies between bins are those of a parabola through log magnitudes.
    """
    first, last = (round(hz * _WINDOW / RATE) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    found, begin = [np.zeros((3, 0))], 0
    for block in magnitudes(signal, _WINDOW, _HOP):
        level = block[:, first - 1 : last + 1].astype(np.float64)
        centre, left, right = level[:, 1:-1], level[:, :-2], level[:, 2:]
        floor = np.maximum(level.max(axis=1, keepdims=True) * 0.1, _FAINT)
        where = (centre > left) & (centre >= right) & (centre > floor)
        low, mid, high = (np.log(np.maximum(side[where], 1e-12)) for side in (left, centre, right))
        frames, columns = np.nonzero(where)
        bins = first + columns + 0.5 * (low - high) / (low - 2 * mid + high)
        found.append(np.stack([begin + frames, 69 + 12 * np.log2(bins * RATE / _WINDOW / 440), centre[where]]))
        begin += len(block)
    frames, pitches, weights = np.concatenate(found, axis=1)
    return Peaks(frames.astype(np.int64), pitches, weights)


def tuning_of(peaks: Peaks) -> float:
    """How far peaks lie above the pitches of A4 = 440 Hz, in semitones from -0.5 to 0.5: their mean on the circle.

    Weighted by the square root of their magnitudes, above C3, where bins are less than a quarter tone wide.
    """
    weights = np.sqrt(peaks.weights) * (peaks.pitches > 48)
    return float(np.angle(np.sum(weights * np.exp(2j * np.pi * peaks.pitches))) / (2 * np.pi))


def chroma_of(peaks: Peaks, tuning: float) -> Chroma:
    """Chroma (frames, 12, from C) of the frames in which tones sound, the greatest of each 1."""
    notes = np.round(peaks.pitches - tuning).astype(np.int64)
    is_near = (notes >= _LOWEST_NOTE) & (notes <= _HIGHEST_NOTE)
    chroma = np.zeros((int(peaks.frames.max(initial=-1)) + 1, 12))
    np.add.at(chroma, (peaks.frames[is_near], notes[is_near] % 12), peaks.weights[is_near])
    greatest = chroma.max(axis=1, keepdims=True)
    return np.asarray((chroma / np.maximum(greatest, _FAINT))[greatest[:, 0] > 0], np.float64)
