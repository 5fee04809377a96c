"""The options of `train` and `finetune`; one without a value leaves its setting unchanged."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lyricsrec.base.device import DeviceName
from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.training.settings import (
    BestMetric,
    CheckpointConfig,
    DataConfig,
    EngineConfig,
    FreezeConfig,
    OptimizerConfig,
    OptimizerName,
    Precision,
    ScheduleName,
    TargetName,
)

_DATA, _ENGINE, _FREEZE, _OPTIMIZER = DataConfig(), EngineConfig(), FreezeConfig(), OptimizerConfig()
_CHECKPOINT = CheckpointConfig()


@dataclass(frozen=True)
class Setting:
    """The setting that an option changes, as section.key."""

    key: str


class SettingOptions(Options):
    """A group whose options change settings."""

    def settings(self) -> dict[str, Any]:
        """The values that were given, by setting."""
        hints = get_type_hints(type(self), include_extras=True)
        values = {}
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            # 0 is a value, unlike a flag or a list that was not given.
            if value is None or value is False or value == []:
                continue
            for part in hints[field.name].__metadata__:
                if isinstance(part, Setting):
                    values[part.key] = value
        return values

    @classmethod
    def names(cls) -> dict[str, str]:
        """What the command line calls each setting ("engine.steps": "--steps")."""
        hints = get_type_hints(cls, include_extras=True)
        return {
            part.key: f"--{field.name.rstrip('_').replace('_', '-')}"
            for field in fields(cls)  # type: ignore[arg-type]
            for part in hints[field.name].__metadata__
            if isinstance(part, Setting)
        }


@dataclass(frozen=True, kw_only=True)
class Run(Options):
    """Where a run lives, and how its processes are started."""

    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the run, for checkpoints, metrics and pictures.")
    ]
    config: Annotated[Path | None, typer.Option(help="Settings file in TOML; other options override it.")] = None
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any setting as section.key=value; may be repeated."),
    ] = None
    gpus: Annotated[
        int | None, typer.Option(min=1, help="Number of GPUs of this machine to use, with one process each.")
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the last checkpoint in --output.")] = False
    offline: options.Offline = False


@dataclass(frozen=True, kw_only=True)
class Data(SettingOptions):
    """What is trained on, and behind which separator."""

    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER|URL[@WEIGHT]",
            help="Data set folder with train.jsonl and validation.jsonl (see dali-prepare), or folder or URL of shards "
            "(dataset shard); may be repeated, with how often its chunks come in an epoch, such as dali/@0.5.",
        ),
    ] = None
    audio: options.SoundFolders = None
    separator: Annotated[
        str | None,
        Setting("model.separator"),
        typer.Option(
            help="Separator to train as well: spleeter (built in), htdemucs, ..., a trained one's folder, or none; "
            "with --random also a JSON file of its shapes."
        ),
    ] = None
    target: Annotated[
        TargetName | None,
        Setting("model.target"),
        typer.Option(help="Output of a new head: letters, word pieces (extra `pieces`) or phonemes. Default: letters."),
    ] = None
    language: Annotated[
        str | None,
        Setting("model.language"),
        typer.Option(help="Language (ISO 639-3) of a multilingual model (MMS), whose adapters alone are then trained."),
    ] = None

    def settings(self) -> dict[str, Any]:
        """The values that were given, by setting; data sets replace those of a settings file."""
        values = super().settings()
        sets = [_folder_and_weight(text) for text in self.data or ()]
        if len(sets) == 1 and sets[0]["weight"] == 1 and "folder" in sets[0]:
            values |= {"data.folder": sets[0]["folder"], "data.sets": []}
        elif sets:
            values |= {"data.folder": Path(), "data.sets": sets}
        return values

    @classmethod
    def names(cls) -> dict[str, str]:
        """What the command line calls each setting."""
        return super().names() | {"data.folder": "--data", "data.sets": "--data"}


@dataclass(frozen=True, kw_only=True)
class Optimization(SettingOptions):
    """How the weights are updated."""

    optimizer: Annotated[
        OptimizerName | None,
        Setting("optimizer.name"),
        typer.Option(help=f"Optimizer of all parts (optimizer.head.name: of one). Default: {_OPTIMIZER.name}."),
    ] = None
    schedule: Annotated[
        ScheduleName | None,
        Setting("optimizer.schedule"),
        typer.Option(help=f"How learning rates change after their warm-up. Default: {_OPTIMIZER.schedule}."),
    ] = None
    ema: Annotated[
        float | None,
        Setting("ema.decay"),
        typer.Option(help="Average the weights over steps (EMA) with this decay, such as 0.999. Default: none."),
    ] = None
    patience: Annotated[
        int | None,
        Setting("stop.patience"),
        typer.Option(help="End after this many validations in a row without a gain. Default: train all steps."),
    ] = None
    steps: Annotated[
        int | None, Setting("engine.steps"), typer.Option(help=f"Number of training steps. Default: {_ENGINE.steps}.")
    ] = None
    batch_s: Annotated[
        float | None,
        Setting("data.batch_s"),
        typer.Option(help=f"Seconds of audio per batch on each device. Default: {_DATA.batch_s:g}."),
    ] = None
    accumulate: Annotated[
        int | None,
        Setting("engine.accumulate"),
        typer.Option(help=f"Gradient accumulation: number of batches per step. Default: {_ENGINE.accumulate}."),
    ] = None
    head_rate: Annotated[
        float | None,
        Setting("optimizer.head_rate"),
        typer.Option(help=f"Learning rate of the head. Default: {_OPTIMIZER.head_rate:g}."),
    ] = None
    encoder_rate: Annotated[
        float | None,
        Setting("optimizer.encoder_rate"),
        typer.Option(help=f"Learning rate of the recogniser's encoder. Default: {_OPTIMIZER.encoder_rate:g}."),
    ] = None
    separator_rate: Annotated[
        float | None,
        Setting("optimizer.separator_rate"),
        typer.Option(help=f"Learning rate of the separator. Default: {_OPTIMIZER.separator_rate:g}."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Freezing(SettingOptions):
    """Which parts are trained, and from when on."""

    freeze: Annotated[
        list[str] | None,
        typer.Option(
            help="Part to keep frozen: separator, separator.vocals ..., features, encoder, encoder.0 ..., adapter, "
            "head; may be repeated; or none. "
            f"Default: {' and '.join(_FREEZE.parts)}."
        ),
    ] = None
    unfreeze: Annotated[
        list[str] | None,
        typer.Option(help="Part and the step from which it is trained, such as separator@2000; may be repeated."),
    ] = None

    def settings(self) -> dict[str, Any]:
        """The values that were given, by setting. Raises UsageError for an --unfreeze without a step."""
        values: dict[str, Any] = {}
        if self.freeze:
            values["freeze.parts"] = [] if self.freeze == ["none"] else self.freeze
        if self.unfreeze:
            values["freeze.until"] = dict(map(_part_and_step, self.unfreeze))
        return values

    @classmethod
    def names(cls) -> dict[str, str]:
        """What the command line calls each setting."""
        return {"freeze.parts": "--freeze", "freeze.until": "--unfreeze"}


@dataclass(frozen=True, kw_only=True)
class Engine(SettingOptions):
    """How a run computes, validates and reports."""

    precision: Annotated[
        Precision | None,
        Setting("engine.precision"),
        typer.Option(help=f"Number format; no is float32. Default: {_ENGINE.precision}."),
    ] = None
    checkpointing: Annotated[
        bool,
        Setting("engine.checkpointing"),
        typer.Option("--checkpointing", help="Recompute activations instead of storing them: slower, less memory."),
    ] = False
    compile_: Annotated[
        bool,
        Setting("engine.compile"),
        typer.Option("--compile", help="Compile the model: a slow start, then faster."),
    ] = False
    profile: Annotated[
        bool,
        Setting("engine.profile"),
        typer.Option("--profile", help="Measure where the time goes: a table at the end, and profile.json."),
    ] = False
    overfit: Annotated[
        int | None,
        Setting("engine.overfit"),
        typer.Option(min=1, help="Overfit this many chunks as a test, and report whether that worked."),
    ] = None
    lm: Annotated[
        str | None,
        Setting("validation.lm"),
        typer.Option(help="Language model to also validate with, as in transcribe."),
    ] = None
    best_metric: Annotated[
        BestMetric | None,
        Setting("checkpoint.best_metric"),
        typer.Option(help=f"What decides which checkpoint is best. Default: {_CHECKPOINT.best_metric}."),
    ] = None
    tracker: Annotated[
        list[str] | None,
        Setting("engine.trackers"),
        typer.Option(help="Where to also log metrics: tensorboard or wandb; may be repeated."),
    ] = None
    device: Annotated[
        DeviceName | None,
        Setting("engine.device"),
        typer.Option(help=f"Device to train on. Default: {_ENGINE.device}."),
    ] = None
    seed: Annotated[int | None, Setting("engine.seed"), typer.Option(help=f"Random seed. Default: {_ENGINE.seed}.")] = (
        None
    )


def _folder_and_weight(text: str) -> dict[str, Any]:
    """A data set; the name of a folder and a URL may have an @ in it."""
    place, at, weight = text.rpartition("@")
    if not at or Path(text).exists():
        return {**_place(text), "weight": 1.0}
    try:
        return {**_place(place), "weight": float(weight)}
    except ValueError:
        return {**_place(text), "weight": 1.0}


def _place(text: str) -> dict[str, Any]:
    return {"url": text} if "://" in text else {"folder": Path(text)}


def _part_and_step(text: str) -> tuple[str, int]:
    part, at, step = text.partition("@")
    if not at or not step.isdecimal():
        raise UsageError(f"--unfreeze '{text}' names no step", "Write it as separator@2000.")
    return part, int(step)
