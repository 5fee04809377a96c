"""Reading a sweep file: what is varied, how many trials, and how they are chosen and pruned."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_type_hints

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import read_text
from lyricsrec.base.settings import Count, Natural, Seed, Settings, checked
from lyricsrec.training.settings import PARTS, BestMetric, TrainConfig
from lyricsrec.training.settings.file import read_config
from lyricsrec.training.sweep.space import Parameter, toml_text

SamplerName = Literal["tpe", "random", "grid"]
PrunerName = Literal["median", "halving", "none"]

_FIXED = ("validation.", "engine.seed", "engine.overfit", "engine.profile", "engine.trackers")
"""Settings that all trials share, since their figures could not be compared otherwise."""
_FILE_BYTES = 1 << 18


@dataclass(frozen=True)
class SweepConfig(Settings):
    """A sweep of training runs.

    Every trial is a run of `train` with the settings of the file `config`, then those of `train`, then its own values
    of the `parameters`. `trials` in all, `jobs` at a time; the one with the lowest `metric` is best. `sampler` chooses
    values: "tpe" (from the trials so far, Bergstra et al. 2011), "random", or "grid" (all combinations, or `trials` of
    them). `pruner` ends trials early: "median" (worse than the median of the others at the same step), "halving"
    (successive halving, Li et al. 2020), or "none"; the median needs `startup` finished trials, and none is pruned
    before its step `warmup_steps`. With `keep_best`, only so many of the best finished trials keep their checkpoints;
    the settings and figures of all stay.
    """

    config: Path | None = None
    trials: Natural = 20
    jobs: Natural = 1
    _: KW_ONLY
    metric: BestMetric = "wer"
    sampler: SamplerName = "tpe"
    pruner: PrunerName = "median"
    startup: Count = 5
    warmup_steps: Count = 0
    seed: Seed = 0
    keep_best: Natural | None = None
    train: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.parameters:
            raise ValueError('no parameters to vary: add a section [parameters] with "optimizer.head_rate" or others')
        for key in self.parameters:
            if key.startswith(_FIXED):
                raise ValueError(f"{key} must be the same in all trials, else they cannot be compared")
        if self.sampler == "grid":
            for key, parameter in self.parameters.items():
                if not parameter.grid():
                    raise ValueError(f"the grid needs the number of points of {key}: add points = 3")

    @property
    def num_trials(self) -> int:
        """The number of trials; a grid has no more than its combinations."""
        if self.sampler != "grid":
            return self.trials
        combinations = 1
        for parameter in self.parameters.values():
            combinations *= len(parameter.grid())
        return min(self.trials, combinations)

    def shared(self) -> list[str]:
        """The settings of all trials that the sweep file itself gives, as `section.key=value`."""
        return [f"{key}={toml_text(value)}" for key, value in _flat(self.train, TrainConfig)]


def read_sweep(path: Path, settings: Sequence[str] = (), *, trials: int | None, jobs: int | None) -> SweepConfig:
    """The sweep of a TOML file; `trials` and `jobs` override it, `settings` are further ones of all trials.

    Raises UsageError for a file that cannot be read, unknown keys, values that a setting does not take, and parameters
    without an effect, by name.
    """
    try:
        document = tomllib.loads(read_text(path, _FILE_BYTES))
    except OSError as error:
        raise UsageError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{display_name(path)}: not TOML ({error})") from None
    config = checked(SweepConfig, document, f"{display_name(path)}: ")
    config = replace(config, trials=trials or config.trials, jobs=jobs or config.jobs)
    if config.config is not None:
        config = replace(config, config=(path.parent / config.config).resolve())
    _check(config, settings)
    return config


def _check(config: SweepConfig, settings: Sequence[str]) -> None:
    """Try every value of every parameter in the settings of a run."""
    shared = [*config.shared(), *settings]
    base = read_config(config.config, shared)
    for key, parameter in config.parameters.items():
        for text in parameter.tried():
            read_config(config.config, [*shared, f"{key}={text}"])
        section, _, name = key.rpartition(".")
        part = name.removesuffix("_rate")
        if section == "optimizer" and part in PARTS and getattr(base.optimizer, part).rate is not None:
            raise UsageError(
                f"the parameter {key} has no effect: optimizer.{part}.rate is set and overrides it",
                f"Vary optimizer.{part}.rate, or leave that setting out.",
            )


def _flat(document: Mapping[str, Any], kind: type[Settings], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Settings as (section.key, value); a table that is itself a value, such as freeze.until, stays whole."""
    hints = get_type_hints(kind)
    for key, value in document.items():
        hint = hints.get(key)
        if isinstance(value, dict) and isinstance(hint, type) and issubclass(hint, Settings):
            yield from _flat(value, hint, f"{prefix}{key}.")
        else:
            yield prefix + key, value
