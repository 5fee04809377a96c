"""The interface of trainable separators: a differentiable module with parts, which saves itself to a folder."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class TrainableSeparator(nn.Module):
    """Outputs the vocals of a mix, differentiably.

    Mixes have `num_channels` channels at `sample_rate` Hz. With `saves_memory` set, training recomputes activations
    instead of storing them.
    """

    sample_rate: int
    num_channels: int
    saves_memory = False

    @abstractmethod
    def forward(self, mix: Tensor, num_samples: Sequence[int] | None = None) -> Tensor:
        """Vocals (batch, channels, samples) of a mix of the same shape and rate.

        `num_samples` are the lengths of the mixes without padding; the vocals of each do not depend on the padding or
        on the others in the batch, and are zero in the padding.
        """

    @abstractmethod
    def part_of(self, parameter: str) -> str:
        """The part that a parameter belongs to, by its name in `named_parameters`; parts have dots between levels."""

    @abstractmethod
    def save(self, folder: Path, state: Mapping[str, Tensor] | None = None) -> None:
        """Write the separator into a folder, from which its family loads it again.

        The weights are those of `state` if given, else its own. Raises OSError when the folder cannot be written.
        """

    @abstractmethod
    def randomize(self) -> None:
        """Replace all weights by random ones."""

    def _run(self, network: nn.Module, features: Tensor) -> Tensor:
        """The output of a network, whose activations are recomputed in the backward pass with `saves_memory`."""
        if self.saves_memory and torch.is_grad_enabled():
            return cast(Tensor, checkpoint(network, features, use_reentrant=False))
        return cast(Tensor, network(features))
