"""Settings of how a run computes, validates and saves."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lyricsrec.base.device import DeviceName
from lyricsrec.base.settings import Count, Natural, Seed, Settings

Precision = Literal["no", "bf16", "fp16"]
Tracker = Literal["tensorboard", "wandb"]
BestMetric = Literal["wer", "cer", "loss"]


@dataclass(frozen=True)
class ValidationConfig(Settings):
    """Validation every `every` steps, on up to `limit` chunks (0: all).

    Decoding is always greedy; a beam search is added when `beam` is over 1, and one with a language model when `lm` (a
    known name or a path) is given. `num_shown` hypotheses go into the table.
    """

    every: Natural = 200
    limit: Count = 500
    beam: Natural = 1
    _: KW_ONLY
    lm: str | None = None
    num_shown: Count = 50


@dataclass(frozen=True)
class CheckpointConfig(Settings):
    """Checkpoints are saved every `every` steps; the last `keep` and the `keep_best` best are kept.

    The best have the lowest `best_metric` in validation, that of the best decoder; ties are decided by CER, then loss.
    """

    every: Natural = 200
    keep: Natural = 2
    keep_best: Natural = 1
    _: KW_ONLY
    best_metric: BestMetric = "wer"


@dataclass(frozen=True)
class EngineConfig(Settings):
    """How to compute.

    `steps` in all; gradients of `accumulate` batches are summed for each. `precision` "bf16" and "fp16" halve the
    memory of activations; `checkpointing` computes activations twice to save more; `compile` takes minutes once and
    then speeds up each step. `overfit` trains on that many chunks without augmentation until they are recognised
    without an error, a check that the whole model trains. `trackers` log the run in `project`. `profile` measures where
    the time goes.
    """

    steps: Natural = 10_000
    accumulate: Natural = 1
    precision: Precision = "no"
    _: KW_ONLY
    checkpointing: bool = False
    compile: bool = False
    device: DeviceName = "auto"
    seed: Seed = 0
    overfit: Count = 0
    trackers: tuple[Tracker, ...] = ()
    project: str = "lyricsrec"
    profile: bool = False
