"""AdamW (Loshchilov & Hutter 2019) with a learning rate for each part of a model, and its schedule."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from torch import nn
from torch.optim import AdamW, Optimizer

from lyricsrec.training.model.parts import part_of
from lyricsrec.training.settings import OptimizerConfig


def make_optimizer(model: nn.Module, config: OptimizerConfig) -> AdamW:
    """An optimizer over all parts of an `AcousticModel`; weights without gradients (frozen ones) are not updated.

    Each parameter group has its `part`. Biases and norms have no weight decay.
    """
    rates = {
        "separator": config.separator_rate,
        "features": config.features_rate,
        "encoder": config.encoder_rate,
        "adapter": config.adapter_rate,
        "head": config.head_rate,
    }
    decays = {
        "separator": config.separator_decay,
        "features": config.encoder_decay,
        "encoder": config.encoder_decay,
        "adapter": config.encoder_decay,
        "head": config.head_decay,
    }
    grouped: dict[tuple[str, bool], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        grouped[part_of(name).split(".")[0], parameter.ndim > 1].append(parameter)
    groups: list[dict[str, Any]] = [
        {"params": parameters, "part": part, "lr": rates[part], "weight_decay": decays[part] if decayed else 0.0}
        for (part, decayed), parameters in grouped.items()
    ]
    return AdamW(groups, betas=config.betas)


class Schedule:
    """Learning rates by step: linear warm-up, then a decay to 0 at the last step unless the schedule is constant."""

    def __init__(self, optimizer: Optimizer, config: OptimizerConfig, num_steps: int) -> None:
        # Accelerate and the loading of a state give the optimizer other groups, in the same order.
        self._optimizer = optimizer
        self._rates = [group["lr"] for group in optimizer.param_groups]
        self._config, self._num_steps = config, num_steps

    def apply(self, step: int) -> None:
        """Set the rates for the step that follows `step` steps."""
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * self._factor(step)

    def _factor(self, step: int) -> float:
        warmup = self._config.warmup_steps
        if step < warmup:
            return (step + 1) / warmup
        share = (step - warmup) / max(self._num_steps - warmup, 1)
        if self._config.schedule == "cosine":
            return 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
        return max(1 - share, 0.0) if self._config.schedule == "linear" else 1.0
