"""Separators: a block of a song in, its singing voice out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.base.progress import Report, ignore


@dataclass(frozen=True)
class Stems:
    """A mix taken apart: both parts have its shape and rate, and add up to it."""

    vocals: Audio
    accompaniment: Audio


class Separator(Protocol):
    """Takes the voice out of a mix."""

    name: str

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """Voice and rest of a stereo mix, at the mix's rate and length."""


class NoSeparator:
    """The mix stands for the voice."""

    name = "none"

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """The mix as vocals, silence as accompaniment."""
        return Stems(mix, Audio(np.zeros_like(mix.samples), mix.sample_rate, mix.start_s))


def stems_of(vocals: Samples, mix: Audio) -> Stems:
    """Stems from the voice alone: the accompaniment is what remains of the mix."""
    return Stems(Audio(vocals, mix.sample_rate, mix.start_s), Audio(mix.samples - vocals, mix.sample_rate, mix.start_s))
