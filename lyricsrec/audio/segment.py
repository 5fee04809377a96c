"""Cutting a song into pieces for a recogniser, at its quietest positions; no voice activity detector is used.

Cutting by the energy of the vocal stem follows the long-form recipe of mss-alt (docs/explanations/references.md).
Arithmetic on NumPy arrays only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lyricsrec.audio.audio import Audio, Samples, band_envelope, rms_envelope
from lyricsrec.audio.settings import SegmentConfig


@dataclass(frozen=True)
class Span:
    """A stretch of the song in seconds."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


def segment(audio: Audio, config: SegmentConfig) -> list[Span]:
    """Cut mono audio into spans of the song that do not overlap, in order.

    Everything louder than the threshold lies in exactly one of them. Silence gives none; audio that fits into one piece
    is one piece.
    """
    envelope = rms_envelope(audio.samples[0], config.frame, config.hop)
    if audio.num_samples == 0 or envelope.max() == 0:
        return []
    if audio.duration_s <= config.max_s:
        return [Span(audio.start_s, audio.end_s)]
    frames_per_s = audio.sample_rate / config.hop
    voice = _voice_band(audio, config)
    longest = max(int(config.max_s * frames_per_s), 4)
    spans: list[Span] = []
    for first, last in _sounding(envelope, config, frames_per_s):
        bounds = [first, *_cuts(voice, first, last, longest, config), last]
        for start, end in pairwise(bounds):
            start_s = audio.start_s + start / frames_per_s
            end_s = audio.end_s if end == len(envelope) else audio.start_s + end / frames_per_s
            spans.append(Span(start_s, min(end_s, audio.end_s)))
    return [span for span in spans if span.duration_s > 0]


def _sounding(envelope: Samples, config: SegmentConfig, frames_per_s: float) -> Iterator[tuple[int, int]]:
    """Frame ranges [first, last) that are not silence, padded; where paddings would overlap, they meet halfway."""
    loud = np.flatnonzero(envelope > config.threshold * envelope.max())
    breaks = np.flatnonzero(np.diff(loud) - 1 >= config.min_silence_s * frames_per_s)
    starts = loud[np.concatenate([[0], breaks + 1])]
    ends = loud[np.concatenate([breaks, [len(loud) - 1]])] + 1
    padding = round(config.padding_s * frames_per_s)
    previous_end = 0
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        room = (starts[i + 1] - end) // 2 if i + 1 < len(starts) else len(envelope) - end
        first = max(start - padding, previous_end)
        last = end + min(padding, room)
        previous_end = last
        yield int(first), int(last)


def _voice_band(audio: Audio, config: SegmentConfig) -> Samples:
    """Loudness of the voice's frequency band around each frame, averaged over the length of a pause."""
    band = band_envelope(audio.samples[0], audio.sample_rate, config.low_hz, config.high_hz, config.frame, config.hop)
    width = max(round(config.pause_s * audio.sample_rate / config.hop), 1)
    smooth: Samples = np.convolve(np.pad(band, width // 2, mode="edge"), np.full(width, 1 / width), "valid")[
        : len(band)
    ]
    return smooth


def _cuts(loudness: Samples, first: int, last: int, longest: int, config: SegmentConfig) -> Iterator[int]:
    """Frames to cut at so that no piece of [first, last) is longer than `longest`, or much shorter than others."""
    while last - first > longest:
        earliest = first + round(config.earliest_cut * longest)
        latest = min(first + longest, last - longest // 4)
        first = earliest + int(np.argmin(loudness[earliest:latest]))
        yield first
