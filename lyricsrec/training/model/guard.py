"""Watch over the separator's voice while it learns: how far it is from what it was."""

from __future__ import annotations

from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.base.output import display_name, replacing
from lyricsrec.training.data.examples import ChunkExamples, collate
from lyricsrec.training.model.module import losses_of, si_sdr

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

    def begin(self, module: nn.Module, accelerator: Accelerator, *, resumed: bool) -> None:
        """Remember today's vocals, or take up the clips and vocals of the run that is resumed.

        Raises ModelError when those are damaged, OutputError when today's cannot be written.
        """
        kept = self._kept() if resumed else None
        # None may see what another process writes below.
        accelerator.wait_for_everyone()
        if kept is not None:
            self._chosen = [i for i, row in enumerate(self._examples.rows) if row.chunk_id in kept]
            self._reference = [kept[self._examples.rows[i].chunk_id] for i in self._chosen]
            return
        self._reference = self._vocals(module, accelerator)
        if accelerator.is_main_process:
            names = [self._examples.rows[i].chunk_id for i in self._chosen]
            with replacing(self._path) as temporary:
                try:
                    save_file(dict(zip(names, self._reference, strict=True)), temporary)
                except SafetensorError as error:
                    raise OutputError(
                        f"cannot write {display_name(self._path)} ({error})", "Free some space."
                    ) from None

    def _kept(self) -> dict[str, Tensor] | None:
        """Vocals by chunk that the run remembered when it began, if it did."""
        try:
            return load_file(self._path) if self._path.is_file() else None
        except SafetensorError as error:
            raise ModelError(
                f"{display_name(self._path)}: damaged ({error})", "Delete it to compare to today's voice instead."
            ) from None

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
