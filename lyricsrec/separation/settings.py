"""How the vocals are separated: the settings and their defaults, and the names of a trained separator's files."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lyricsrec.base.settings import BelowOne, Count, Seed, Settings

SEPARATOR_FOLDER, SEPARATOR_BAG, SPLEETER_CARD = "separator", "separator.yaml", "spleeter.json"
"""The folder of a checkpoint with its separator; the file in it that lists a Demucs separator's models; the one that
describes a Spleeter."""

CHECKPOINT_CARD = "lyricsrec.json"
"""The file of a checkpoint that says how it was trained; its `separator` is the one that the model was trained
behind."""


StemFormat = Literal["flac", "wav", "mp3"]
"""Formats of files of stems."""


@dataclass(frozen=True)
class SeparateConfig(Settings):
    """How to separate.

    The results of `shifts` random shifts of the mix are averaged; each one takes as long again and gains at most 0.2 dB
    (0: no shift). `seed` fixes the shifts. Neighbouring windows of Demucs share `overlap` of their length; its authors
    recommend 0.1 for speed. With `treble`, Spleeter, which masks nothing above 11 kHz, applies the mask of the highest
    frequencies below to what is above.
    """

    shifts: Count = 0
    overlap: BelowOne = 0.1
    seed: Seed = 0
    _: KW_ONLY
    treble: bool = False
