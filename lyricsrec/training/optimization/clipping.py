"""Clipping of gradients by their norms: all parts together, and parts with a limit of their own by themselves."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

from accelerate import Accelerator
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from lyricsrec.training.settings import PARTS, OptimizerConfig


def limits_of(config: OptimizerConfig) -> Mapping[str, float]:
    """The largest norm of the gradients of each part that has a limit of its own."""
    limits = {part: config.of(part).max_norm for part in PARTS}
    return {part: limit for part, limit in limits.items() if limit is not None}


def clip_gradients(accelerator: Accelerator, module: nn.Module, optimizer: Optimizer, config: OptimizerConfig) -> float:
    """Clip the gradients of a module in place; returns the norm of all of them before."""
    limits = limits_of(config)
    if not limits:
        found = accelerator.clip_grad_norm_(module.parameters(), config.max_norm)
        return float(found) if found is not None else 0.0
    accelerator.unscale_gradients()
    grouped: dict[str, list[nn.Parameter]] = defaultdict(list)
    for group in optimizer.param_groups:
        grouped[group["part"] if group["part"] in limits else ""] += group["params"]
    norms = [clip_grad_norm_(own, limits.get(part, config.max_norm)) for part, own in grouped.items()]
    return math.hypot(*map(float, norms))
