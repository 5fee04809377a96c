"""Watch over the separator's voice while it learns: how far it is from what it was."""

from __future__ import annotations

from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lyricsrec.training.examples import ChunkExamples, collate
from lyricsrec.training.module import losses_of, si_sdr

NAME = "guard.safetensors"


class VoiceGuard:
    """Vocals of fixed clips as the separator gave them when the run began.

    They are kept in the run's folder, so that a resumed run compares to the same ones.
    """

    def __init__(self, examples: ChunkExamples, num_clips: int, folder: Path) -> None:
        self._examples = examples
        count = len(examples.rows)
        self._chosen = [i * count // min(num_clips, count) for i in range(min(num_clips, count))]
        self._path = folder / NAME
        self._reference: list[Tensor] = []

    def begin(self, module: nn.Module, accelerator: Accelerator) -> None:
        """Remember today's vocals, or those of the run that is resumed."""
        if self._path.is_file():
            kept = load_file(self._path)
            self._reference = [kept[str(i)] for i in range(len(kept))]
            return
        self._reference = self._vocals(module, accelerator)
        if accelerator.is_main_process:
            save_file({str(i): clip for i, clip in enumerate(self._reference)}, self._path)
        accelerator.wait_for_everyone()

    def measure(self, module: nn.Module, accelerator: Accelerator) -> float | None:
        """SI-SDR in dB of today's vocals to the remembered ones, the mean over clips; None without clips."""
        pairs = zip(self._vocals(module, accelerator), self._reference, strict=True)
        values = [float(si_sdr(now, then)) for now, then in pairs]
        return sum(values) / len(values) if values else None

    def _vocals(self, module: nn.Module, accelerator: Accelerator) -> list[Tensor]:
        """Every process computes all clips, since a sharded model needs all of them."""
        module.eval()
        clips: list[Tensor] = []
        for i in self._chosen:
            batch = collate([self._examples[0, i]])
            with torch.no_grad(), accelerator.autocast():
                clips.append(losses_of(module, batch.to(accelerator.device), keeps_heard=True).vocals[0].float().cpu())
        return clips
