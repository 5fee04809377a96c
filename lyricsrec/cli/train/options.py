"""The flags that `train` and `finetune` share; those without a value leave a setting as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.training.settings import DataConfig, EngineConfig, FreezeConfig, OptimizerConfig, Precision

_DATA, _ENGINE, _FREEZE, _OPTIMIZER = DataConfig(), EngineConfig(), FreezeConfig(), OptimizerConfig()


Data = Annotated[Path | None, typer.Option(help="Folder with train.jsonl and validation.jsonl (dali-prepare).")]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder of the run: checkpoints, metrics, pictures.")]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML; flags win over it.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="Any setting as section.key=value; may repeat. See the README.")
]
Separator = Annotated[str | None, typer.Option(help="Demucs model to train as well, or none.")]
Gpus = Annotated[int | None, typer.Option(min=1, help="GPUs of this machine to use, a process each.")]
Steps = Annotated[int | None, typer.Option(help=f"Steps in all. Default: {_ENGINE.steps}.")]
BatchS = Annotated[
    float | None,
    typer.Option(help=f"Seconds of sound a step takes on each device. Default: {_DATA.batch_s:g}."),
]
Accumulate = Annotated[int | None, typer.Option(help=f"Batches that make one step. Default: {_ENGINE.accumulate}.")]
HeadRate = Annotated[float | None, typer.Option(help=f"Learning rate of the head. Default: {_OPTIMIZER.head_rate:g}.")]
EncoderRate = Annotated[
    float | None,
    typer.Option(help=f"Learning rate of the recogniser's encoder. Default: {_OPTIMIZER.encoder_rate:g}."),
]
SeparatorRate = Annotated[
    float | None,
    typer.Option(help=f"Learning rate of the separator. Default: {_OPTIMIZER.separator_rate:g}."),
]
Freeze = Annotated[
    list[str] | None,
    typer.Option(
        help="A part that does not learn: separator, features, encoder, encoder.0 ..., head; may repeat; or none. "
        f"Default: {' and '.join(_FREEZE.parts)}."
    ),
]
Unfreeze = Annotated[
    list[str] | None, typer.Option(help="A part and the step it learns from, such as separator@2000; may repeat.")
]
PrecisionFlag = Annotated[
    Precision | None,
    typer.Option("--precision", help=f"Number format; no is float32. Default: {_ENGINE.precision}."),
]
Checkpointing = Annotated[
    bool, typer.Option("--checkpointing", help="Compute activations twice instead of keeping them: less memory.")
]
Compile = Annotated[bool, typer.Option("--compile", help="Compile the model: slow to start, then faster.")]
Overfit = Annotated[
    int | None, typer.Option(min=1, help="Learn this many chunks by heart, and say whether that worked.")
]
Lm = Annotated[str | None, typer.Option(help="Language model for a third validation figure, as in transcribe.")]
Tracker = Annotated[list[str] | None, typer.Option(help="tensorboard or wandb, beside metrics.jsonl; may repeat.")]
Device = Annotated[str | None, typer.Option(help=f"auto, cpu or cuda. Default: {_ENGINE.device}.")]
Seed = Annotated[int | None, typer.Option(help=f"Fixes what is chosen by chance. Default: {_ENGINE.seed}.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on after the last checkpoint in --output.")]
