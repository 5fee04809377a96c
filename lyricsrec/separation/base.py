"""The interface of separators: a block of a song in, its vocals and instrumental out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import numpy as np

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.base.progress import Report, ignore

StemName = Literal["vocals", "instrumental"]
STEMS: tuple[StemName, ...] = get_args(StemName)


@dataclass(frozen=True)
class Stems:
    """The parts of a mix: both have its shape and sample rate, and they add up to it."""

    vocals: Audio
    instrumental: Audio


class Separator(Protocol):
    """Separates the vocals from a mix."""

    name: str

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """Vocals and instrumental of a stereo mix, at its rate and length; `report` gets the position in seconds."""


class NoSeparator:
    """Passes the mix on as vocals."""

    name = "none"

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """The mix as vocals, silence as instrumental."""
        return Stems(mix, Audio(np.zeros_like(mix.samples), mix.sample_rate, mix.start_s))


def stems_of(vocals: Samples, mix: Audio) -> Stems:
    """Stems from the vocals alone: the instrumental is the mix without them."""
    return Stems(Audio(vocals, mix.sample_rate, mix.start_s), Audio(mix.samples - vocals, mix.sample_rate, mix.start_s))


def valid_mix(mix: Audio, separator: str, sample_rate: int | None = None) -> Audio:
    """The mix with silence instead of samples that are NaN or infinite.

    Raises ValueError unless it is stereo, and at the separator's sample rate where it has one.
    """
    if mix.samples.ndim != 2 or mix.samples.shape[0] != 2:
        raise ValueError(f"{separator} needs stereo (2, samples), not an array of shape {mix.samples.shape}")
    if sample_rate is not None and mix.sample_rate != sample_rate:
        raise ValueError(f"{separator} needs audio at {sample_rate} Hz, not {mix.sample_rate} Hz")
    if np.isfinite(mix.samples).all():
        return mix
    return Audio(np.nan_to_num(mix.samples, nan=0.0, posinf=0.0, neginf=0.0), mix.sample_rate, mix.start_s)
