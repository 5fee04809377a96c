"""Tempo: how strongly notes begin at each moment, and the period at which they do.

After Ellis, "Beat Tracking by Dynamic Programming" (2007), https://doi.org/10.1080/09298210701653344
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from lyricsrec.audio.audio import Samples
from lyricsrec.music.harmony.spectra import RATE, magnitudes

Envelope = npt.NDArray[np.float64]

_HOP = 221
_WINDOW = 1024
_BANDS = 40
_LOWEST_BPM, _HIGHEST_BPM = 40.0, 240.0
_USUAL_BPM = 120.0
_COMB = {1: 1.0, 2: 0.5, 4: 0.5, 0.5: 0.25}
"""Weights of the autocorrelation at multiples of a lag: a beat repeats in bars, too."""
_OCTAVES = 0.9
"""Standard deviation in octaves of the tempi that are likely."""


def onset_strength(signal: Samples) -> tuple[Envelope, float]:
    """How strongly notes begin in each frame of a mono signal of `RATE` Hz, and the frames in a second.

    Rise of the log magnitude summed over 40 bands that are even in octaves (spectral flux), less its mean within half
    a second, divided by its standard deviation; all zero where nothing begins.
    """
    bands = _bands()
    blocks = [np.log1p(1000 * block @ bands) for block in magnitudes(signal, _WINDOW, _HOP)]
    levels = np.concatenate(blocks)
    rise = np.maximum(np.diff(levels, axis=0, prepend=np.zeros_like(levels[:1])), 0).sum(axis=1).astype(np.float64)
    frames_per_s = RATE / _HOP
    local = np.maximum(rise - uniform_filter1d(rise, round(frames_per_s / 2)), 0)
    deviation = local.std()
    return (local / deviation if deviation > 1e-6 else np.zeros_like(local)), frames_per_s


def _bands() -> Samples:
    """Weights (bins, bands) of triangles that are even in octaves from 40 Hz to 10 kHz, at least a bin wide."""
    hz = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    edges = np.geomspace(40, 10_000, _BANDS + 2)
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    width = hz[1]
    low, high = np.minimum(low, centre - width), np.maximum(high, centre + width)
    rising, falling = (hz[:, None] - low) / (centre - low), (high - hz[:, None]) / (high - centre)
    return np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)


def tempo(envelope: Envelope, frames_per_s: float) -> float | None:
    """Beats a minute of an onset envelope; None where nothing repeats.

    The lag with the best autocorrelation, also at twice, four times and half the lag, weighted by how usual the
    tempo is (log-normal around 120).
    """
    longest = round(60 * frames_per_s / _LOWEST_BPM)
    if len(envelope) < 2 * longest or not envelope.any():
        return None
    smooth = uniform_filter1d(envelope, 3)
    num = 1 << (len(smooth) + 4 * longest).bit_length()
    correlation = np.fft.irfft(np.abs(np.fft.rfft(smooth - smooth.mean(), num)) ** 2)[: 4 * longest]
    lags = np.arange(60 * frames_per_s / _HIGHEST_BPM, longest, 0.05)
    steps = np.arange(len(correlation))
    score = np.sum([weight * np.interp(lags * factor, steps, correlation) for factor, weight in _COMB.items()], axis=0)
    prior = np.exp(-0.5 * (np.log2(60 * frames_per_s / lags / _USUAL_BPM) / _OCTAVES) ** 2)
    best = int(np.argmax(score * prior))
    return float(60 * frames_per_s / lags[best]) if score[best] > 0 else None
