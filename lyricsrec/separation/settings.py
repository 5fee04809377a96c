"""How the voice is separated: every setting and its default."""

from __future__ import annotations

from dataclasses import dataclass

from lyricsrec.base.settings import BelowOne, Count, Settings

SEPARATOR_FOLDER, SEPARATOR_BAG = "separator", "separator.yaml"
"""The folder of a checkpoint that contains its separator, and the file in it that lists the separator's models."""


@dataclass(frozen=True)
class SeparateConfig(Settings):
    """How to separate.

    `shifts` random shifts are averaged (0: none, and the same result every time; each one takes as long again and
    gains at most 0.2 dB). Neighbouring windows share `overlap` of their length.
    """

    shifts: Count = 0
    overlap: BelowOne = 0.25
    seed: int = 0
