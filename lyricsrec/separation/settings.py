"""How the vocals are separated: the settings and their defaults, and the names of a trained separator's files."""

from __future__ import annotations

from dataclasses import dataclass

from lyricsrec.base.settings import BelowOne, Count, Settings

SEPARATOR_FOLDER, SEPARATOR_BAG = "separator", "separator.yaml"
"""The folder of a checkpoint that contains its separator, and the file in it that lists the separator's models."""


@dataclass(frozen=True)
class SeparateConfig(Settings):
    """How to separate.

    The results of `shifts` random shifts of the mix are averaged; each one takes as long again and gains at most 0.2 dB
    (0: no shift). `seed` fixes the shifts. Neighbouring windows share `overlap` of their length.
    """

    shifts: Count = 0
    overlap: BelowOne = 0.25
    seed: int = 0
