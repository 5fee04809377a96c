"""The optimizers of a run: one of torch's for each name in use, with parameter groups for each part of a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.optim import SGD, Adafactor, Adam, AdamW, Optimizer

from lyricsrec.recognition.acoustic import AcousticModel
from lyricsrec.training.model.parts import parts_of
from lyricsrec.training.settings import OptimizerConfig, OptimizerName, PartOptimizer


@dataclass(frozen=True)
class Kind:
    """An optimizer of torch, and what its groups have beside learning rate and weight decay."""

    make: Callable[[list[dict[str, Any]]], Optimizer]
    options: Callable[[PartOptimizer], Mapping[str, Any]]


OPTIMIZERS: Mapping[OptimizerName, Kind] = {
    "adamw": Kind(AdamW, lambda part: {"betas": part.betas}),
    "adam": Kind(Adam, lambda part: {"betas": part.betas}),
    "sgd": Kind(SGD, lambda part: {"momentum": part.momentum}),
    "adafactor": Kind(Adafactor, lambda part: {}),
}


def make_optimizer(model: AcousticModel, config: OptimizerConfig, starts: Mapping[str, int]) -> Optimizer:
    """An optimizer over all parts of a model; weights without gradients (frozen ones) are not updated.

    Each parameter group has its `part`, the name of its `optimizer`, and the step `start` from which it is trained,
    that of its part in `starts`. Biases and norms have no weight decay.
    """
    grouped: dict[tuple[str, int, bool], list[nn.Parameter]] = defaultdict(list)
    for part, parameter in parts_of(model):
        grouped[part.split(".")[0], starts.get(part, 0), parameter.ndim > 1].append(parameter)
    by_name: dict[OptimizerName, list[dict[str, Any]]] = defaultdict(list)
    for (part, start, decayed), parameters in grouped.items():
        own = config.of(part)
        group = {"params": parameters, "part": part, "start": start, "optimizer": own.name, "lr": own.rate}
        group |= {"weight_decay": own.decay if decayed else 0.0, **OPTIMIZERS[own.name].options(own)}
        by_name[own.name].append(group)
    optimizers = [OPTIMIZERS[name].make(groups) for name, groups in by_name.items()]
    return optimizers[0] if len(optimizers) == 1 else JoinedOptimizer(optimizers)


class JoinedOptimizer(Optimizer):
    """Several optimizers as one, so that what scales, saves or loads one takes all of them together."""

    def __init__(self, optimizers: Sequence[Optimizer]) -> None:
        self._optimizers = list(optimizers)
        super().__init__([group for optimizer in optimizers for group in optimizer.param_groups], {})
        self._share()

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update the weights of all parts."""
        for optimizer in self._optimizers:
            optimizer.step()

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the state that `load_state_dict` made."""
        super().__setstate__(state)
        self._share()

    def _share(self) -> None:
        """Give each optimizer its groups, and the state of all."""
        groups = iter(self.param_groups)
        for optimizer in self._optimizers:
            optimizer.__setstate__(
                {"state": self.state, "param_groups": [next(groups) for _ in optimizer.param_groups]}
            )
