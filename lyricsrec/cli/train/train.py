"""`lyricsrec train` and `lyricsrec finetune`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, reporting
from lyricsrec.cli.train import options as given

if TYPE_CHECKING:
    from lyricsrec.training.engine import Outcome
    from lyricsrec.training.settings import TrainConfig

TRAIN_EXAMPLES = """
**Examples**

`lyricsrec train --data dali/ -o run/ --gpus 4 --precision bf16` trains Demucs and Wav2Vec2 together on four GPUs.

`lyricsrec train --data dali/ -o run/ --separator none --overfit 1` learns one chunk by heart, to see that all is well.

`lyricsrec train --data dali/ -o run/ --resume` goes on after the last checkpoint.

`torchrun --nnodes 2 --nproc-per-node 8 -m lyricsrec train --data dali/ -o run/ --config train.toml` joins the \
group of processes that is there (so do `accelerate launch` and `srun`).

`lyricsrec transcribe song.mp3 --model run/best` uses what was learnt.
"""

FINETUNE_EXAMPLES = """
**Examples**

`lyricsrec finetune facebook/wav2vec2-large-960h-lv60-self --data dali/ -o run/ --encoder-rate 1e-5`

`lyricsrec finetune tiny.en --data songs/ -o run/ --freeze features --freeze encoder` teaches Whisper's encoder to \
spell, with a new head.

`lyricsrec finetune run/best --data more/ -o run2/ --unfreeze encoder@500`
"""


def train(
    output: given.Output,
    data: given.Data = None,
    model: Annotated[
        str | None, typer.Option(help="Recogniser to start from: known name, hub owner/name, or folder.")
    ] = None,
    separator: given.Separator = None,
    config: given.Config = None,
    settings: given.Set = None,
    gpus: given.Gpus = None,
    steps: given.Steps = None,
    batch_s: given.BatchS = None,
    accumulate: given.Accumulate = None,
    head_rate: given.HeadRate = None,
    encoder_rate: given.EncoderRate = None,
    separator_rate: given.SeparatorRate = None,
    freeze: given.Freeze = None,
    unfreeze: given.Unfreeze = None,
    precision: given.PrecisionFlag = None,
    checkpointing: given.Checkpointing = False,
    compile_: given.Compile = False,
    overfit: given.Overfit = None,
    random: Annotated[bool, typer.Option("--random", help="Start from random weights.")] = False,
    lm: given.Lm = None,
    tracker: given.Tracker = None,
    device: given.Device = None,
    seed: given.Seed = None,
    resume: given.Resume = False,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train separator and recogniser end to end, with a new head that spells the data set's letters."""
    flags = _flags(locals()) | {"model.recognizer": model, "model.random": random or None, "model.new_head": True}
    _run(flags, config, settings, output, default_separator="htdemucs", gpus=gpus, resume=resume, offline=offline,
         quiet=quiet, verbose=verbose)  # fmt: skip


def finetune(
    checkpoint: Annotated[
        str, typer.Argument(metavar="CHECKPOINT", help="What to start from: folder, known name, hub owner/name.")
    ],
    output: given.Output,
    data: given.Data = None,
    separator: given.Separator = None,
    config: given.Config = None,
    settings: given.Set = None,
    gpus: given.Gpus = None,
    steps: given.Steps = None,
    batch_s: given.BatchS = None,
    accumulate: given.Accumulate = None,
    head_rate: given.HeadRate = None,
    encoder_rate: given.EncoderRate = None,
    separator_rate: given.SeparatorRate = None,
    freeze: given.Freeze = None,
    unfreeze: given.Unfreeze = None,
    precision: given.PrecisionFlag = None,
    checkpointing: given.Checkpointing = False,
    compile_: given.Compile = False,
    overfit: given.Overfit = None,
    new_head: Annotated[bool, typer.Option("--new-head", help="Spell anew, with the alphabet A to Z and '.")] = False,
    lm: given.Lm = None,
    tracker: given.Tracker = None,
    device: given.Device = None,
    seed: given.Seed = None,
    resume: given.Resume = False,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Go on from a checkpoint: one of `train`, a CTC model, or a Whisper model, whose encoder gets a CTC head."""
    flags = _flags(locals()) | {"model.recognizer": checkpoint, "model.new_head": new_head or None}
    _run(flags, config, settings, output, default_separator=None, gpus=gpus, resume=resume, offline=offline,
         quiet=quiet, verbose=verbose)  # fmt: skip


def _flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the flags of both commands stand for."""
    freeze = flags["freeze"]
    return {
        "data.folder": flags["data"],
        "data.batch_s": flags["batch_s"],
        "model.separator": flags["separator"],
        "optimizer.head_rate": flags["head_rate"],
        "optimizer.encoder_rate": flags["encoder_rate"],
        "optimizer.separator_rate": flags["separator_rate"],
        "freeze.parts": [] if freeze == ["none"] else freeze or None,
        "freeze.until": flags["unfreeze"] or None,
        "validation.lm": flags["lm"],
        "engine.steps": flags["steps"],
        "engine.accumulate": flags["accumulate"],
        "engine.precision": flags["precision"],
        "engine.checkpointing": flags["checkpointing"] or None,
        "engine.compile": flags["compile_"] or None,
        "engine.overfit": flags["overfit"],
        "engine.trackers": flags["tracker"] or None,
        "engine.device": flags["device"],
        "engine.seed": flags["seed"],
    }


def _steps_of(texts: list[str]) -> dict[str, int]:
    steps: dict[str, int] = {}
    for text in texts:
        part, at, step = text.partition("@")
        if not at or not step.isdecimal():
            raise UsageError(f"--unfreeze '{text}' names no step", "Write it as separator@2000.")
        steps[part] = int(step)
    return steps


def _run(
    flags: Mapping[str, Any],
    config_file: Path | None,
    settings: list[str] | None,
    output: Path,
    *,
    default_separator: str | None,
    gpus: int | None,
    resume: bool,
    offline: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        from lyricsrec.training.launch import is_in_group, join_slurm, start_processes
        from lyricsrec.training.settings_file import read_config

        if flags["freeze.until"]:
            flags = {**flags, "freeze.until": _steps_of(flags["freeze.until"])}
        config = read_config(config_file, settings or (), flags)
        config = _completed(config, default_separator)
        join_slurm()
        if gpus is not None and not is_in_group():
            code = start_processes(gpus, config.engine.device)
            raise typer.Exit(code)
        from lyricsrec.cli.train.watch import TrainingWatch
        from lyricsrec.training.run import train as run

        with TrainingWatch(screen, quiet=quiet) as watch:
            outcome = run(config, output, watch, resume=resume, offline=offline, progress=screen)
        _report(outcome, config, output, screen)


def _completed(config: TrainConfig, default_separator: str | None) -> TrainConfig:
    """Settings with what a command adds to them; raises UsageError for a run without data."""
    from dataclasses import replace

    if config.data.folder == Path():
        raise UsageError("no data to learn from", "Give --data FOLDER, as dali-prepare or import wrote it.")
    if config.model.separator is None and default_separator is not None:
        config = replace(config, model=replace(config.model, separator=default_separator))
    return replace(config, data=replace(config.data, folder=config.data.folder.resolve()))


def _report(outcome: Outcome, config: TrainConfig, output: Path, screen: Screen) -> None:
    """Say how it ended; exits as a signal asks for, and with failure when overfitting did not work."""
    if outcome.stopped_by:
        screen.warn(f"stopped after step {outcome.step}, which is saved; go on with --resume")
        raise typer.Exit(128 + outcome.stopped_by)
    figures = outcome.figures
    if config.engine.overfit and figures is not None:
        shown = f"loss {figures.ctc:.3f} nats a symbol, WER {100 * figures.best_wer:.1f} %"
        if not outcome.learned:
            screen.warn(f"after {outcome.step} steps the chunks are not learnt by heart: {shown}")
            raise typer.Exit(EXIT_FAILURE)
        screen.say(f"learnt by heart after {outcome.step} steps: {shown}")
    else:
        screen.say(f"done after {outcome.step} steps: {output / 'best'}")
