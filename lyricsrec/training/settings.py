"""Every setting of a training run and its default; a TOML file and flags override them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

from lyricsrec.base.device import DeviceName
from lyricsrec.base.settings import AtLeastZero, BelowOne, Count, Natural, Positive, Seed, Settings, Share

PARTS = ("separator", "features", "encoder", "adapter", "head")
"""Parts of a model that can be frozen and have their own learning rates; "encoder.0" and so on are its layers, those of
the separator "separator.vocals" and so on (`TrainableSeparator.part_of`)."""

SILENCE_S = 0.5
"""Length of the silence that replaces a chunk whose file cannot be read."""

_MASKED_FRAME_S = 0.02

Precision = Literal["no", "bf16", "fp16"]
Tracker = Literal["tensorboard", "wandb"]
BestMetric = Literal["wer", "cer", "loss"]


@dataclass(frozen=True)
class DataConfig(Settings):
    """The training data and how it is batched.

    `folder` holds the manifests `train`.jsonl and `validation`.jsonl. A step takes chunks of similar length, up to
    `batch_s` seconds of audio on each process, padding included: larger batches give steadier gradients and take more
    memory. Chunks outside `min_s` to `max_s` are left out. Chunks are shuffled in buckets of `bucket` steps and sorted
    by length within each: a larger bucket wastes less on padding, a smaller one shuffles better. `num_workers`
    processes read ahead (0: none; -1: one for each core, at most 4).
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

    def __post_init__(self) -> None:
        if self.min_s > self.max_s:
            raise ValueError(f"min_s ({self.min_s:g}) is above max_s ({self.max_s:g}), so no chunk would be left")


@dataclass(frozen=True)
class AugmentConfig(Settings):
    """Random changes to training chunks. Each `*_chance` is the probability that a chunk is changed; 0 turns it off.

    In this order: faster or slower by up to `speed` (a share, in steps of 1 %, which shifts the pitch too); up to
    `pitch` semitones higher or lower at the same speed, in such steps; an excerpt of one of the audio files below the
    folder `backing` mixed in, between `backing_db` quieter than the chunk; white noise at a signal-to-noise ratio
    between `noise_db`; gain up to `gain_db` up or down. Backing with singing in it trains the model to ignore voices.
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
    """Masking of the recogniser's features in training (SpecAugment, Park et al. 2019).

    About `time` (a share) of the frames, in spans of `time_s` seconds, and `bands` (a share) of the channels, in runs
    of `band` (a share). More masking makes the model rely on context; too much makes it guess.
    """

    time: Share = 0.05
    time_s: Positive = 0.2
    bands: Share = 0.05
    _: KW_ONLY
    band: Share = 0.05


@dataclass(frozen=True)
class ModelConfig(Settings):
    """The model to train.

    `recognizer` is a known name, a hub repository, a folder, or "tiny.en": a CTC model, or a Whisper model whose
    encoder gets a CTC head. `separator` is "spleeter", the name of a Demucs model, the folder of a trained one, or
    "none" to recognise the mix; None takes the one that is stored with a checkpoint, if there is one. Without
    `new_head` a CTC model keeps its own vocabulary; a new head has `letters` (None: those of the data set) and, on a
    Whisper encoder, `head_layers` convolutions over `head_kernel` frames with `head_width` channels. `language` is the
    ISO 639-3 code of a multilingual model's (MMS) adapters. `random` starts from random weights: only the shapes of
    `recognizer` and `separator` are read, which may then be files of shapes or the names of families.
    """

    recognizer: str = "facebook/wav2vec2-base-960h"
    separator: str | None = None
    new_head: bool = False
    _: KW_ONLY
    letters: str | None = None
    language: str | None = None
    head_layers: Count = 2
    head_kernel: Natural = 5
    head_width: Natural = 384
    random: bool = False

    def __post_init__(self) -> None:
        for symbol in self.letters or "":
            if symbol == "|" or symbol.isspace():
                raise ValueError(f"letters cannot contain {symbol!r}; the space between words is always included")


@dataclass(frozen=True)
class OptimizerConfig(Settings):
    """AdamW with a learning rate for each part.

    Rates rise over `warmup_steps` and then follow `schedule`. Gradients longer than `max_norm` are clipped. Pretrained
    parts need rates ten to a thousand times below those of a new head.
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
    betas: tuple[BelowOne, BelowOne] = (0.9, 0.98)
    warmup_steps: Count = 100
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    max_norm: Positive = 1.0


@dataclass(frozen=True)
class FreezeConfig(Settings):
    """Parts that are not trained.

    `parts` ("separator", "separator.vocals", "features", "encoder", "encoder.0", "adapter", "head") stay frozen, or
    until the step that `until` gives for them.
    """

    parts: tuple[str, ...] = ("separator", "features")
    until: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class GuardConfig(Settings):
    """Protection of the separator's vocals, which training by CTC alone degrades.

    At every validation the vocals of `num_clips` fixed clips are compared with those at the start of the run (SI-SDR,
    Le Roux et al. 2019). With a `weight`, each decibel below `floor_db` in training adds that much to the loss, which
    preserves the vocals at the price of a second separator in memory.
    """

    num_clips: Count = 4
    weight: AtLeastZero = 0.0
    floor_db: float = 20.0


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
    without an error, a check that the whole model trains. `trackers` log the run in `project`.
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

    def __post_init__(self) -> None:
        # Frames of 20 ms are masked, before an adapter makes longer ones; two are lost at the edges.
        shortest_s = min(self.data.min_s, SILENCE_S) / (1 + self.augment.speed) - 2 * _MASKED_FRAME_S
        if self.mask.time > 0 and self.mask.time_s > shortest_s:
            raise ValueError(
                f"mask.time_s is {self.mask.time_s:g}, but the shortest chunks may have only {max(shortest_s, 0):.2f} s"
                ": lower mask.time_s or raise data.min_s"
            )
