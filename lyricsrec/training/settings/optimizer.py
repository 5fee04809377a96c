"""Settings of optimizers, learning rates, averaged weights, and when a run ends early."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, fields, replace
from typing import Annotated, Literal

from annotated_types import Gt, Le, Lt

from lyricsrec.base.settings import AtLeastZero, BelowOne, Count, Natural, Positive, Settings, Share
from lyricsrec.training.settings.model import PARTS
from lyricsrec.training.settings.run import BestMetric

OptimizerName = Literal["adamw", "adam", "sgd", "adafactor"]
ScheduleName = Literal["cosine", "linear", "constant", "tri-stage", "plateau"]


@dataclass(frozen=True)
class PartConfig(Settings):
    """The optimizer of one part, such as `[optimizer.separator]`; None takes what `[optimizer]` says.

    With a `max_norm` of its own, the gradients of a part are clipped by themselves, and those of the other parts
    together.
    """

    name: OptimizerName | None = None
    rate: AtLeastZero | None = None
    decay: AtLeastZero | None = None
    _: KW_ONLY
    betas: tuple[BelowOne, BelowOne] | None = None
    momentum: BelowOne | None = None
    schedule: ScheduleName | None = None
    warmup_steps: Count | None = None
    max_norm: Positive | None = None


@dataclass(frozen=True, kw_only=True)
class PartOptimizer:
    """The optimizer of one part with all values; `max_norm` is None without a limit of its own."""

    name: OptimizerName
    rate: float
    decay: float
    betas: tuple[float, float]
    momentum: float
    schedule: ScheduleName
    warmup_steps: int
    max_norm: float | None


@dataclass(frozen=True)
class OptimizerConfig(Settings):
    """The optimizer, with a learning rate for each part; a section such as `[optimizer.head]` changes it for a part.

    `name` is "adamw" (decay apart from the gradient, Loshchilov & Hutter 2019), "adam", "sgd" (with `momentum`), or
    "adafactor" (Shazeer & Stern 2018: a fraction of the memory). Pretrained parts need rates ten to a thousand times
    below those of a new head. Rates rise over `warmup_steps`, counted from the step from which a part is trained, and
    then follow `schedule` until the last step: "cosine" and "linear" fall to 0; "tri-stage" stays for the share `hold`
    of the steps and then falls exponentially to the share `final`; "plateau" multiplies the rate by `factor` whenever
    `patience` validations in a row brought no gain in `checkpoint.best_metric`. Gradients whose norm over all parts is
    above `max_norm` are clipped.
    """

    separator_rate: AtLeastZero = 1e-5
    features_rate: AtLeastZero = 1e-5
    encoder_rate: AtLeastZero = 3e-5
    _: KW_ONLY
    adapter_rate: AtLeastZero = 1e-3
    head_rate: AtLeastZero = 1e-3
    separator_decay: AtLeastZero = 0.0
    encoder_decay: AtLeastZero = 0.01
    head_decay: AtLeastZero = 0.01
    name: OptimizerName = "adamw"
    betas: tuple[BelowOne, BelowOne] = (0.9, 0.98)
    momentum: BelowOne = 0.9
    warmup_steps: Count = 100
    schedule: ScheduleName = "cosine"
    hold: Share = 0.4
    final: Annotated[float, Gt(0), Le(1)] = 0.05
    factor: Annotated[float, Gt(0), Lt(1)] = 0.5
    patience: Natural = 2
    max_norm: Positive = 1.0
    separator: PartConfig = field(default_factory=PartConfig)
    features: PartConfig = field(default_factory=PartConfig)
    encoder: PartConfig = field(default_factory=PartConfig)
    adapter: PartConfig = field(default_factory=PartConfig)
    head: PartConfig = field(default_factory=PartConfig)

    def of(self, part: str) -> PartOptimizer:
        """All values for a part ("separator", "features", "encoder", "adapter", "head")."""
        own: PartConfig = getattr(self, part)
        decay = {"separator": self.separator_decay, "head": self.head_decay}.get(part, self.encoder_decay)
        values = {
            "rate": getattr(self, f"{part}_rate"),
            "decay": decay,
            "max_norm": None,
            **{name: getattr(self, name) for name in ("name", "betas", "momentum", "schedule", "warmup_steps")},
        }
        chosen = {item.name: value for item in fields(own) if (value := getattr(own, item.name)) is not None}
        return PartOptimizer(**{**values, **chosen})

    def at_constant_rates(self) -> OptimizerConfig:
        """The same with the schedule "constant" for every part."""
        own = {part: replace(getattr(self, part), schedule=None) for part in PARTS}
        return replace(self, schedule="constant", **own)


@dataclass(frozen=True)
class EmaConfig(Settings):
    """An exponential moving average (EMA) of the weights; 0 as `decay` turns it off, 0.999 is usual.

    After update n (from 0) the average keeps the share min(decay, (1 + n) / (10 + n)) of itself, so that it soon leaves
    the weights at the start. With `use`, validation and checkpoints have the averaged weights, and the folder `raw` of
    a checkpoint has those of training; without, its folder `ema` has the averaged ones. Both are models.
    """

    decay: BelowOne = 0.0
    use: bool = True


@dataclass(frozen=True)
class StopConfig(Settings):
    """Ending a run early: after `patience` validations in a row without a gain above `min_gain`; 0 turns it off.

    WER and CER are shares (0.01 is one point), the loss is in nats per symbol. `metric` is that of
    `checkpoint.best_metric` unless given. While an error rate is still 100 % or more, the loss decides instead.
    """

    patience: Count = 0
    min_gain: AtLeastZero = 0.0
    metric: BestMetric | None = None
