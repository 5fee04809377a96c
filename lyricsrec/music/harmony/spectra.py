"""Short-time spectra of a signal, block by block, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.audio.media import Song
from lyricsrec.base.errors import AudioError
from lyricsrec.base.progress import SILENT, Progress

RATE = 22_050
"""Rate in Hz at which harmony is analysed."""

_FRAMES_AT_ONCE = 512
_LONGEST_S = 3 * 3600.0


def read_mono(song: Song, progress: Progress = SILENT) -> Samples:
    """The whole song at `RATE`, its channels averaged: 88 kB a second.

    Raises AudioError when it cannot be read, or lasts over three hours.
    """
    pieces = [np.zeros(0, np.float32)]
    for block in song.blocks():
        if block.end_s > _LONGEST_S:
            raise AudioError(f"{song.name}: longer than three hours", "Cut it into songs first.")
        pieces.append(mono(block))
        progress.update("reading", block.end_s, song.duration_s)
    return np.concatenate(pieces)


def mono(audio: Audio, rate: int = RATE) -> Samples:
    """The average of the channels at `rate` Hz."""
    import torch

    from lyricsrec.audio.resample import resample

    if not audio.num_samples:
        return np.zeros(0, np.float32)
    signal = torch.from_numpy(np.ascontiguousarray(audio.samples.mean(axis=0)))
    return np.asarray(resample(signal, audio.sample_rate, rate).numpy(), np.float32)


def magnitudes(signal: Samples, window: int, hop: int) -> Iterator[Samples]:
    """Blocks (frames, window // 2 + 1) of magnitudes of Hann windows centred on multiples of `hop`.

    There are 1 + num_samples // hop frames in all; the signal is zero beyond its ends.
    """
    num_frames = 1 + len(signal) // hop
    padded = np.pad(signal, (window // 2, window))
    # A sine of amplitude 1 has magnitude 1.
    taper = (np.hanning(window + 1)[:-1] * 4 / window).astype(np.float32)
    for first in range(0, num_frames, _FRAMES_AT_ONCE):
        count = min(_FRAMES_AT_ONCE, num_frames - first)
        stretch = padded[first * hop : (first + count - 1) * hop + window]
        frames = np.lib.stride_tricks.sliding_window_view(stretch, window)[::hop]
        yield np.abs(np.fft.rfft(frames * taper)).astype(np.float32)
