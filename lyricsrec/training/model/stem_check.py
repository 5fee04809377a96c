"""Comparison of separated vocals with true ones in validation."""

from __future__ import annotations

import torch
from accelerate import Accelerator
from torch import nn

from lyricsrec.training.data.stems import StemExcerpts, collate_stems
from lyricsrec.training.model.module import si_sdr, stem_losses_of


class StemCheck:
    """Measures SI-SDR on `num_clips` excerpts, the same every time."""

    def __init__(self, excerpts: StemExcerpts, num_clips: int) -> None:
        self._excerpts, self._num_clips = excerpts, num_clips

    def measure(self, module: nn.Module, accelerator: Accelerator) -> float | None:
        """Mean SI-SDR in dB of the vocals against the true ones; None where all are silent or cannot be read.

        Every process separates all clips, since a sharded model needs all processes.
        """
        module.eval()
        values = []
        for number in range(self._num_clips):
            batch = collate_stems([self._excerpts[0, number]])
            moved = batch.to(accelerator.device)
            with torch.no_grad(), accelerator.autocast():
                vocals = stem_losses_of(module, moved, with_outputs=True).vocals
            if batch.counts("si_sdr")[0]:
                values.append(float(si_sdr(vocals[0], moved.vocals[0])))
        return sum(values) / len(values) if values else None
