"""Every setting of a training run and its default; a TOML file and flags only override them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Lt

PARTS = ("separator", "features", "encoder", "head")
"""Parts of a model that can be frozen and have learning rates of their own; "encoder.0" and so on are its layers."""

Count = Annotated[int, Ge(0)]
Natural = Annotated[int, Ge(1)]
Positive = Annotated[float, Gt(0)]
AtLeastZero = Annotated[float, Ge(0)]
Share = Annotated[float, Ge(0), Le(1)]
Beta = Annotated[float, Ge(0), Lt(1)]


class Settings:
    """Settings of which an unknown one is an error, for pydantic, which checks them when they come from a file."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True)
class DataConfig(Settings):
    """What to learn from, and how it comes in.

    `folder` holds the manifests `train`.jsonl and `validation`.jsonl. A step takes chunks of about the same length, up
    to `batch_s` seconds of sound on each process, counted with the silence that fills them up: more is steadier and
    takes more memory. Chunks outside `min_s` to `max_s` are left out. Among `bucket` times as many chunks as a step
    takes, those of like length share a step: a larger bucket wastes less on silence, a smaller one shuffles better.
    `num_workers` processes read ahead (0: none; -1: one a core, at most 4).
    """

    folder: Path = Path()
    train: str = "train"
    validation: str = "validation"
    _: KW_ONLY
    batch_s: Positive = 60.0
    min_s: AtLeastZero = 0.5
    max_s: Positive = 30.0
    bucket: Natural = 50
    num_workers: int = -1


@dataclass(frozen=True)
class AugmentConfig(Settings):
    """How training chunks are altered. Each `*_chance` is the share of chunks it happens to; 0 switches it off.

    In this order: faster or slower by up to `speed` (a share, in steps of 1 %, which moves the pitch too); up to
    `pitch` semitones higher or lower at the same speed, in such steps; a stretch of one of the sound files below the
    folder `backing` mixed in, between `backing_db` quieter than the chunk; white noise at a signal-to-noise ratio
    between `noise_db`; gain up to `gain_db` up or down. Backing with singing in it teaches to ignore voices.
    """

    gain_chance: Share = 0.5
    gain_db: AtLeastZero = 6.0
    noise_chance: Share = 0.2
    _: KW_ONLY
    noise_db: tuple[float, float] = (10.0, 40.0)
    speed_chance: Share = 0.3
    speed: Annotated[float, Ge(0), Le(0.5)] = 0.1
    pitch_chance: Share = 0.0
    pitch: Annotated[float, Ge(0), Le(12)] = 2.0
    backing_chance: Share = 0.3
    backing: Path | None = None
    backing_db: tuple[float, float] = (0.0, 20.0)


@dataclass(frozen=True)
class MaskConfig(Settings):
    """What of its features is hidden from the recogniser in training (SpecAugment, Park et al. 2019).

    About `time` (a share) of the frames, in stretches of `time_s` seconds, and `bands` of the channels, in runs of
    `band`. More makes it rely on context; much more makes it guess.
    """

    time: Share = 0.05
    time_s: Positive = 0.2
    bands: Share = 0.05
    _: KW_ONLY
    band: Share = 0.05


@dataclass(frozen=True)
class ModelConfig(Settings):
    """What learns.

    `recognizer` is a known name, a hub repository, a folder, or "tiny.en": a CTC model, or a Whisper model whose
    encoder becomes one. `separator` is the name of a Demucs model, or "none" to hear the mix as it is; None takes the
    one that a checkpoint carries, if it does. Without `new_head` a CTC model keeps its own vocabulary; a new head
    spells `letters` (None: A to Z and the apostrophe) and has, on a Whisper encoder, `head_layers` convolutions over
    `head_kernel` frames with `head_width` channels. `random` starts from random weights of the same shapes.
    """

    recognizer: str = "facebook/wav2vec2-base-960h"
    separator: str | None = None
    new_head: bool = False
    _: KW_ONLY
    letters: str | None = None
    head_layers: Count = 2
    head_kernel: Natural = 5
    head_width: Natural = 384
    random: bool = False


@dataclass(frozen=True)
class OptimizerConfig(Settings):
    """AdamW with a learning rate for each part.

    Rates rise over `warmup_steps` and then fall as `schedule` says ("cosine", "linear", or "constant"). Gradients
    longer than `max_norm` are shortened. Pretrained parts want rates ten to a thousand times below a new head's.
    """

    separator_rate: AtLeastZero = 1e-5
    features_rate: AtLeastZero = 1e-5
    encoder_rate: AtLeastZero = 3e-5
    _: KW_ONLY
    head_rate: AtLeastZero = 1e-3
    separator_decay: AtLeastZero = 0.0
    encoder_decay: AtLeastZero = 0.01
    head_decay: AtLeastZero = 0.01
    betas: tuple[Beta, Beta] = (0.9, 0.98)
    warmup_steps: Count = 100
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    max_norm: Positive = 1.0


@dataclass(frozen=True)
class FreezeConfig(Settings):
    """Which parts do not learn.

    `parts` stay as they are ("separator", "features", "encoder", "encoder.0", "head"), until the step that `until`
    names for them, if it does.
    """

    parts: tuple[str, ...] = ("separator", "features")
    until: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class GuardConfig(Settings):
    """Watch over the separator, whose voice training by CTC alone spoils.

    At every validation the vocals of `num_clips` fixed clips are compared to those of the separator as it was (SI-SDR,
    Le Roux et al. 2019). With a `weight`, each decibel below `floor_db` in training adds that much to the loss, which
    keeps the voice, at the price of a second separator in memory.
    """

    num_clips: Count = 4
    weight: AtLeastZero = 0.0
    floor_db: float = 20.0


@dataclass(frozen=True)
class ValidationConfig(Settings):
    """How progress is measured: every `every` steps, on up to `limit` chunks (0: all).

    Greedy always; a beam search when `beam` is over 1; with the language model `lm` (a known name or a path) as well.
    `num_shown` readings go into the table.
    """

    every: Natural = 200
    limit: Count = 500
    beam: Natural = 1
    _: KW_ONLY
    lm: str | None = None
    num_shown: Count = 50


@dataclass(frozen=True)
class CheckpointConfig(Settings):
    """When states are saved: every `every` steps; the last `keep` and the best stay."""

    every: Natural = 200
    keep: Natural = 2


@dataclass(frozen=True)
class EngineConfig(Settings):
    """How to compute.

    `steps` in all; `accumulate` batches make one step. `precision` "bf16" and "fp16" halve the memory of activations;
    `checkpointing` computes activations twice to save more; `compile` takes minutes once and then is faster.
    `overfit` learns that many chunks by heart, without alterations, to show that all parts learn.
    """

    steps: Natural = 10_000
    accumulate: Natural = 1
    precision: Literal["no", "bf16", "fp16"] = "no"
    _: KW_ONLY
    checkpointing: bool = False
    compile: bool = False
    device: str = "auto"
    seed: Annotated[int, Ge(0), Le(2**31 - 1)] = 0
    overfit: Count = 0
    trackers: tuple[Literal["tensorboard", "wandb"], ...] = ()


@dataclass(frozen=True)
class TrainConfig(Settings):
    """A training run."""

    data: DataConfig = field(default_factory=DataConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    mask: MaskConfig = field(default_factory=MaskConfig)
    _: KW_ONLY
    model: ModelConfig = field(default_factory=ModelConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    freeze: FreezeConfig = field(default_factory=FreezeConfig)
    guard: GuardConfig = field(default_factory=GuardConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    checkpoint: CheckpointConfig = field(default_factory=CheckpointConfig)
    engine: EngineConfig = field(default_factory=EngineConfig)
