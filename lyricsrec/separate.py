"""Separators: a block of a song in, its singing voice out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lyricsrec.audio import Audio, Samples
from lyricsrec.config import SeparateConfig
from lyricsrec.device import Compute
from lyricsrec.models import get_separator
from lyricsrec.progress import SILENT, Progress, Report, ignore


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


def load_separator(
    name: str, config: SeparateConfig, compute: Compute, *, offline: bool = False, progress: Progress = SILENT
) -> Separator:
    """The separator called `name`, ready to use.

    Raises UsageError for a name that is not on the list, ModelError when its weights cannot be had.
    """
    get_separator(name)
    if name == "none":
        return NoSeparator()
    if name == "center":
        from lyricsrec.center import CenterSeparator

        return CenterSeparator()
    from lyricsrec.demucs import DemucsSeparator, load_vocal_net

    net = load_vocal_net(name, offline=offline, progress=progress)
    return DemucsSeparator(name, net, config, compute)


def stems_of(vocals: Samples, mix: Audio) -> Stems:
    """Stems from the voice alone: the accompaniment is what remains of the mix."""
    return Stems(Audio(vocals, mix.sample_rate, mix.start_s), Audio(mix.samples - vocals, mix.sample_rate, mix.start_s))
