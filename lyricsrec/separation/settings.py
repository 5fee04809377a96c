"""How the voice is separated: every setting and its default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SeparateConfig:
    """How to separate.

    `shifts` random shifts are averaged (0: none, and the same result every time; each one takes as long again and
    gains at most 0.2 dB). Neighbouring windows share `overlap` of their length.
    """

    shifts: int = 0
    overlap: float = 0.25
    seed: int = 0
