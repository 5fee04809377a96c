"""Where sung notes begin: how much louder bands of the spectrum become from frame to frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lyricsrec.audio.audio import Samples

_WINDOW = 1024
_NUM_BANDS = 36
_LOW_HZ, _HIGH_HZ = 100.0, 7000.0
_FLOOR = 1e-3
_LAG = 2
_AT_A_TIME = 2048


def onset_strength(mono: Samples, sample_rate: int, hop: int, num_frames: int) -> npt.NDArray[np.float64]:
    """The mean rise of the logarithm of bands (spectral flux) around each frame, shape (num_frames,).

    Frame n is centred on sample n * hop. Full scale should be about 0.1 RMS, since quiet bands count less.
    """
    hz = np.fft.rfftfreq(_WINDOW, 1 / sample_rate)
    edges = np.searchsorted(hz, np.geomspace(_LOW_HZ, _HIGH_HZ, _NUM_BANDS + 1))
    edges = np.unique(edges)
    padded = np.pad(mono, (_WINDOW // 2 + _LAG * hop, max(0, num_frames * hop + _WINDOW - len(mono))))
    window = np.hanning(_WINDOW).astype(np.float32)
    bands = np.empty((num_frames + _LAG, len(edges) - 1))
    for first in range(0, len(bands), _AT_A_TIME):
        count = min(_AT_A_TIME, len(bands) - first)
        stretch = padded[first * hop : (first + count - 1) * hop + _WINDOW]
        frames = np.lib.stride_tricks.sliding_window_view(stretch, _WINDOW)[::hop]
        power = np.abs(np.fft.rfft(frames * window)) ** 2 / np.square(window).sum()
        bands[first : first + count] = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    level = np.log(np.sqrt(bands) + _FLOOR)
    return np.asarray(np.maximum(level[_LAG:] - level[:-_LAG], 0.0).mean(axis=1))
