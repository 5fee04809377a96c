"""The weights of a checkpoint: one set, or two where an average of them is taken (EMA)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from torch import Tensor

from lyricsrec.training.model.learner import Learner
from lyricsrec.training.optimization.ema import WeightAverage

RAW, AVERAGED = "raw", "ema"
"""Folders below a checkpoint with the set of weights that the checkpoint itself does not have."""


def load_weights(learner: Learner, checkpoint: Path) -> Mapping[str, Tensor] | None:
    """Give a model the weights of training; returns the averaged ones by name, None without any.

    Raises ModelError when they are those of another model.
    """
    raw, averaged = checkpoint / RAW, checkpoint / AVERAGED
    if not raw.is_dir() and not averaged.is_dir():
        learner.load_weights(checkpoint)
        return None
    learner.load_weights(averaged if averaged.is_dir() else checkpoint)
    found = {name: weight.detach().clone() for name, weight in learner.acoustic.named_parameters()}
    learner.load_weights(raw if raw.is_dir() else checkpoint)
    return found


class SavedWeights:
    """Which weights are validated and saved; without an average, those of training."""

    def __init__(self, learner: Learner, average: WeightAverage | None, *, use_average: bool) -> None:
        self._learner, self._average, self._use_average = learner, average, use_average

    def used(self) -> AbstractContextManager[None]:
        """The model has the weights to validate and save inside the block."""
        return self._averaged(self._use_average)

    def save(self, folder: Path, gathered: Mapping[str, Any] | None) -> list[Path]:
        """Write the model into a folder, and with an average the other weights below it; returns the folders."""
        with self.used():
            self._learner.save(folder, dict(gathered) if gathered is not None else None)
        if self._average is None:
            return [folder]
        other = folder / (RAW if self._use_average else AVERAGED)
        with self._averaged(not self._use_average):
            self._learner.save(other)
        return [folder, other]

    def _averaged(self, wanted: bool) -> AbstractContextManager[None]:
        return self._average.applied() if wanted and self._average is not None else nullcontext()
