"""Learning rates by step: a warm-up from the step from which a part is trained, then a schedule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch.optim import Optimizer

from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.optimization.patience import Patience
from lyricsrec.training.settings import BestMetric, OptimizerConfig, ScheduleName


def _cosine(share: float, _: OptimizerConfig) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))


def _linear(share: float, _: OptimizerConfig) -> float:
    return max(1 - share, 0.0)


def _constant(_: float, __: OptimizerConfig) -> float:
    return 1.0


def _tri_stage(share: float, config: OptimizerConfig) -> float:
    """Constant, then an exponential fall to `final` (Baevski et al. 2020), whose first stage is the warm-up."""
    fallen = (share - config.hold) / (1 - config.hold) if config.hold < 1 else 0.0
    return float(config.final ** min(max(fallen, 0.0), 1.0))


SCHEDULES: Mapping[ScheduleName, Callable[[float, OptimizerConfig], float]] = {
    "cosine": _cosine,
    "linear": _linear,
    "constant": _constant,
    "tri-stage": _tri_stage,
    # Validations lower it; see `Schedule.validated`.
    "plateau": _constant,
}
"""The share of the full learning rate, by the share of the steps between warm-up and end that are done."""


class Schedule:
    """Sets the learning rates of an optimizer's groups, of which each has a part and the step of its start.

    `metric` is what a plateau is one of. `saved` is what `state` gave.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        config: OptimizerConfig,
        num_steps: int,
        *,
        metric: BestMetric = "wer",
        saved: Mapping[str, Any] | None = None,
    ) -> None:
        # Accelerate and the loading of a state give the optimizer other groups, in the same order.
        self._optimizer, self._config, self._num_steps = optimizer, config, num_steps
        parts = {group["part"] for group in optimizer.param_groups}
        self._parts = {part: config.of(part) for part in sorted(parts)}
        plateaus: Mapping[str, Any] = (saved or {}).get("plateaus", {})
        self._plateaus = {
            part: Patience(metric, saved=plateaus.get(part, {}).get("patience"))
            for part, own in self._parts.items()
            if own.schedule == "plateau"
        }
        self._factors = {part: plateaus.get(part, {}).get("factor", 1.0) for part in self._plateaus}

    def apply(self, step: int) -> None:
        """Set the rates for the step that follows `step` steps."""
        for group in self._optimizer.param_groups:
            part, since = group["part"], step - group["start"]
            group["lr"] = self._parts[part].rate * self._factor(part, max(since, 0), group["start"])

    def validated(self, found: ValidationMetrics) -> list[str]:
        """Lower the rates of parts on a plateau; returns these parts. Validations during a warm-up do not count."""
        lowered = []
        for part, patience in self._plateaus.items():
            starts = (group["start"] for group in self._optimizer.param_groups if group["part"] == part)
            if found.step <= min(starts) + self._parts[part].warmup_steps:
                continue
            patience.add(found)
            if patience.num_without >= self._config.patience:
                patience.num_without = 0
                self._factors[part] *= self._config.factor
                lowered.append(part)
        return lowered

    def state(self) -> dict[str, Any]:
        """What a resumed run needs to go on."""
        plateaus = {
            part: {"factor": self._factors[part], "patience": patience.state()}
            for part, patience in self._plateaus.items()
        }
        return {"plateaus": plateaus}

    def _factor(self, part: str, since: int, start: int) -> float:
        own, lowered = self._parts[part], float(self._factors.get(part, 1.0))
        if since < own.warmup_steps:
            return lowered * (since + 1) / own.warmup_steps
        left = max(self._num_steps - start - own.warmup_steps, 1)
        share = (since - own.warmup_steps) / left
        return lowered * SCHEDULES[own.schedule](share, self._config)
