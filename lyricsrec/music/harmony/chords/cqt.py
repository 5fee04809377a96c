"""The constant-Q spectra that the chord networks were trained on, computed from one Fourier transform of the signal.

Magnitudes are those of `librosa.hybrid_cqt` (36 bins an octave, hop 512), of which librosa is not needed: filters
longer than a hop are complex, the shorter ones average magnitudes of short-time spectra.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft

from lyricsrec.audio.audio import Samples
from lyricsrec.music.harmony.spectra import RATE, magnitudes

Floats = npt.NDArray[np.float64]

HOP = 512
BINS = 252
_BINS_PER_OCTAVE = 36
_LOWEST_PITCH = 24
"""C1, as a MIDI pitch."""
_RATIO = 2 ** (2 / _BINS_PER_OCTAVE)
_QUALITY = (_RATIO + 1) / (_RATIO - 1)
_WINDOW = 1024
_SHORT = 512
"""Filters of at most this many samples average magnitudes."""
_LOBES = 8
_CHUNK = 8192
"""Frames that are transformed together, 190 s."""


def constant_q(signal: Samples, tuning: float = 0.0) -> Samples:
    """Magnitudes (1 + num_samples // 512, 252) of a mono signal at `RATE`; `tuning` is in semitones above 440 Hz.

    A sine of amplitude A has A / 2 times the square root of the length of its filter in samples.
    """
    pitches = _LOWEST_PITCH + tuning + np.arange(BINS) * 12 / _BINS_PER_OCTAVE
    hz = 440 * 2 ** ((pitches - 69) / 12)
    lengths = _QUALITY * RATE / hz
    is_short = lengths <= _SHORT
    found = np.empty((1 + len(signal) // HOP, BINS), np.float32)
    found[:, ~is_short] = _complex(signal, hz[~is_short], lengths[~is_short])
    found[:, is_short] = _averaged(signal, hz[is_short], lengths[is_short])
    return found


def _response(offsets: Floats) -> Floats:
    """The transform of a Hann window of mean 1, at offsets in bins of its length."""
    return np.asarray(np.sinc(offsets) + 0.5 * (np.sinc(offsets - 1) + np.sinc(offsets + 1)))


def _complex(signal: Samples, hz: Floats, lengths: Floats) -> Samples:
    """Magnitudes of complex filters, in chunks that overlap by the longest filter."""
    frames = 1 + len(signal) // HOP
    margin = 1 + int(lengths.max()) // 2 // HOP
    found = np.empty((frames, len(hz)), np.float32)
    padded = np.pad(signal, (margin * HOP, (margin + 1) * HOP))
    for first in range(0, frames, _CHUNK):
        count = min(_CHUNK, frames - first)
        size = fft.next_fast_len(count + 2 * margin)
        spectrum = fft.rfft(padded[first * HOP : (first + count + 2 * margin) * HOP], size * HOP)
        for i, (centre, length) in enumerate(zip(hz, lengths, strict=True)):
            found[first : first + count, i] = _filtered(spectrum, size, centre, length)[margin : margin + count]
    return found


def _filtered(spectrum: npt.NDArray[np.complex64], size: int, hz: float, length: float) -> Floats:
    """Magnitudes of one filter at every hop: its band of the spectrum, folded at the rate of the frames."""
    per_hz = size * HOP / RATE
    first = max(int((hz - _LOBES * RATE / length) * per_hz), 0)
    last = min(int((hz + _LOBES * RATE / length) * per_hz) + 1, len(spectrum))
    band = spectrum[first:last] * _response((np.arange(first, last) / per_hz - hz) * length / RATE)
    folded = np.pad(band, (first % size, -(first % size + len(band)) % size)).reshape(-1, size).sum(axis=0)
    return np.asarray(np.abs(fft.ifft(folded)) * (np.sqrt(length) / HOP))


def _averaged(signal: Samples, hz: Floats, lengths: Floats) -> Samples:
    """Magnitudes of short filters: short-time magnitudes weighted by the magnitude of the filter's response."""
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    weights = np.abs(_response((bins[:, None] - hz) * lengths / RATE)) * lengths / (4 * np.sqrt(_WINDOW))
    return np.concatenate([block @ weights.astype(np.float32) for block in magnitudes(signal, _WINDOW, HOP)])
