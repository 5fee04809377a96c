"""Settings of the loss on true stems."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Literal

from lyricsrec.base.settings import AtLeastZero, Count, Natural, Positive, Settings

StemLoss = Literal["si_sdr", "l1"]


@dataclass(frozen=True)
class StemsConfig(Settings):
    """A second task for the separator, beside CTC: the true vocals of mixes.

    `folder` has folders of songs with a `mixture` and `vocals` in any sound format, as MUSDB18-HQ has them, or is a
    manifest (`.jsonl`) whose rows have `audio` (or `mixture`), `vocals`, and perhaps `start_s` and `end_s`. With every
    `every`th step come `batch` excerpts of `excerpt_s` seconds on each process, drawn from all songs alike in
    proportion to their lengths. `weight` times their mean loss is added: "si_sdr" is the negative SI-SDR in decibels
    (Le Roux et al. 2019), without excerpts whose vocals are silent; "l1" is the mean absolute difference of samples,
    which also fixes the level, and needs weights a hundred times as high. Validation measures the SI-SDR on
    `num_clips` fixed excerpts of `validation`, another such folder or manifest.
    """

    folder: Path | None = None
    weight: AtLeastZero = 0.1
    loss: StemLoss = "si_sdr"
    _: KW_ONLY
    excerpt_s: Positive = 6.0
    batch: Natural = 1
    every: Natural = 1
    validation: Path | None = None
    num_clips: Count = 8
