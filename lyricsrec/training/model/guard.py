"""Comparison of the separator's vocals with those at the start of the run."""

from __future__ import annotations

from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.base.output import display_name, new_file_mode, replacing
from lyricsrec.training.data.examples import ChunkExamples, collate
from lyricsrec.training.model.module import losses_of, si_sdr

NAME = "guard.safetensors"


class VocalGuard:
    """Vocals of fixed clips, separated when the run began.

    They are stored in the run's folder, so that a resumed run compares with the same ones.
    """

    def __init__(self, examples: ChunkExamples, num_clips: int, folder: Path) -> None:
        self._examples = examples
        count = len(examples.rows)
        self._chosen = [i * count // min(num_clips, count) for i in range(min(num_clips, count))]
        self._path = folder / NAME
        self._reference: list[Tensor] = []

    def begin(self, module: nn.Module, accelerator: Accelerator, *, resumed: bool) -> int:
        """Separate and store the vocals, or read those of the run that is resumed.

        Returns the number of stored clips that cannot be compared, since validation no longer has their chunks.
        Raises ModelError when the stored ones are damaged, OutputError when new ones cannot be written.
        """
        stored = self._stored() if resumed else None
        # No process may read what the main process writes below.
        accelerator.wait_for_everyone()
        if stored is not None:
            self._chosen = [i for i, row in enumerate(self._examples.rows) if row.unique_id in stored]
            self._reference = [stored[self._examples.rows[i].unique_id] for i in self._chosen]
            return len(stored) - len(self._chosen)
        self._reference = self._vocals(module, accelerator)
        if accelerator.is_main_process:
            names = [self._examples.rows[i].unique_id for i in self._chosen]
            with replacing(self._path) as temporary:
                try:
                    save_file(dict(zip(names, self._reference, strict=True)), temporary)
                    temporary.chmod(new_file_mode(self._path.parent))
                except SafetensorError as error:
                    raise OutputError(
                        f"cannot write {display_name(self._path)} ({error})", "Free some space."
                    ) from None
        return 0

    def _stored(self) -> dict[str, Tensor] | None:
        """Vocals by chunk id from the start of the run, None without any."""
        try:
            return load_file(self._path) if self._path.is_file() else None
        except SafetensorError as error:
            raise ModelError(
                f"{display_name(self._path)}: damaged ({error})",
                "Delete it to compare with the current vocals instead.",
            ) from None

    def measure(self, module: nn.Module, accelerator: Accelerator) -> float | None:
        """Mean SI-SDR in dB of the current vocals against the stored ones; None without clips."""
        pairs = zip(self._vocals(module, accelerator), self._reference, strict=True)
        values = [float(si_sdr(current, reference)) for current, reference in pairs]
        return sum(values) / len(values) if values else None

    def _vocals(self, module: nn.Module, accelerator: Accelerator) -> list[Tensor]:
        """The current vocals. Every process separates all clips, since a sharded model needs all processes."""
        module.eval()
        clips: list[Tensor] = []
        for i in self._chosen:
            batch = collate([self._examples[0, i]])
            with torch.no_grad(), accelerator.autocast():
                clips.append(losses_of(module, batch.to(accelerator.device), with_outputs=True).vocals[0].float().cpu())
        return clips
