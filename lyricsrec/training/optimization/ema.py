"""An exponential moving average of weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class WeightAverage:
    """The average of the weights that are trained; the others are what they are.

    After update n the average keeps the share min(decay, (1 + n) / (10 + n)) of itself. `saved` has the averages so
    far by name, of weights that may not have been trained.
    """

    def __init__(
        self,
        decay: float,
        parameters: Mapping[str, nn.Parameter],
        *,
        num_updates: int = 0,
        saved: Mapping[str, Tensor] | None = None,
    ) -> None:
        self._decay, self._parameters, self._saved = decay, dict(parameters), saved or {}
        self.num_updates = num_updates
        self._averages: dict[str, Tensor] = {}
        self.follow()

    def follow(self) -> None:
        """Begin to average weights that are trained from now on, at their values now."""
        for name, weight in self._parameters.items():
            if name in self._averages:
                continue
            known = self._saved.get(name)
            if known is not None and not torch.equal(known, weight.detach().to(known.device)):
                # Also weights that were trained and are frozen now.
                self._averages[name] = known.to(weight.device, weight.dtype, copy=True)
            elif weight.requires_grad:
                self._averages[name] = weight.detach().clone()
        self._saved = {}

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights after a step into account."""
        decay = min(self._decay, (1 + self.num_updates) / (10 + self.num_updates))
        self.num_updates += 1
        averages = list(self._averages.values())
        weights = [self._parameters[name].detach() for name in self._averages]
        if averages:
            get_ema_multi_avg_fn(decay)(averages, weights, self.num_updates)  # type: ignore[no-untyped-call]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The model has the averaged weights inside the block, and its own after it."""
        own = {name: self._parameters[name].detach().clone() for name in self._averages}
        self._put(self._averages)
        try:
            yield
        finally:
            self._put(own)

    @torch.no_grad()
    def _put(self, weights: Mapping[str, Tensor]) -> None:
        for name, weight in weights.items():
            self._parameters[name].copy_(weight)
