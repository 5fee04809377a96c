"""`lyricsrec train` and `lyricsrec finetune`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen
from lyricsrec.cli.train import flags
from lyricsrec.cli.train.profile import print_profile

if TYPE_CHECKING:
    from lyricsrec.training.engine import Outcome
    from lyricsrec.training.settings import TrainConfig

TRAIN_EXAMPLES = """
**Examples**

`lyricsrec train --data dali/ -o run/ --gpus 4 --precision bf16` trains Demucs and Wav2Vec2 together on four GPUs.

`lyricsrec train --data dali/ -o run/ --separator spleeter --model sung.en --freeze features --offline` trains the \
built-in separator and recogniser, with no network.

`lyricsrec train --data dali/ -o run/ --separator none --overfit 1` overfits one chunk, to test the setup.

`lyricsrec train --data dali/ -o run/ --resume` continues from the last checkpoint.

`torchrun --nnodes 2 --nproc-per-node 8 -m lyricsrec train --data dali/ -o run/ --config train.toml` trains on several \
machines (`accelerate launch` and `srun` work as well).

`lyricsrec transcribe song.mp3 --model run/best` uses the trained model.
"""

FINETUNE_EXAMPLES = """
**Examples**

`lyricsrec finetune facebook/wav2vec2-large-960h-lv60-self --data dali/ -o run/ --encoder-rate 1e-5` fine-tunes a \
model from the hub.

`lyricsrec finetune tiny.en --data songs/ -o run/ --freeze features --freeze encoder` trains a new CTC head on \
Whisper's encoder.

`lyricsrec finetune facebook/mms-1b-all --language deu --data lieder/ -o run/ --new-head` trains the adapters of MMS \
for German, with a head for the letters of the data set.

`lyricsrec finetune sung.en --data songs/ -o run/ --separator spleeter --freeze features --set guard.weight=0.1` \
trains both built-in networks, and the separator not far from where it began.

`lyricsrec finetune run/best --data more/ -o run2/ --unfreeze encoder@500` trains on more data, the encoder from step \
500.
"""


def train(
    *,
    run: flags.Run,
    data: flags.Data,
    model: Annotated[
        str | None,
        typer.Option(
            help="Recogniser to start from: known name, hub repository (owner/name) or folder; with --random also a "
            "family (wav2vec2, hubert, ...) or a JSON file of its shapes."
        ),
    ] = None,
    random: Annotated[
        bool, typer.Option("--random", help="Start from random weights; only shapes are read and downloaded.")
    ] = False,
    optimization: flags.Optimization,
    freezing: flags.Freezing,
    engine: flags.Engine,
    verbosity: options.Verbosity,
) -> None:
    """Train separator and recogniser end to end, with a new CTC head for the letters of the data set."""
    settings = _settings(data, optimization, freezing, engine)
    settings |= {"model.recognizer": model, "model.random": random or None}
    _run(settings, run, data, verbosity, defaults={"model.separator": "htdemucs", "model.new_head": True})


def finetune(
    checkpoint: Annotated[
        str, typer.Argument(metavar="CHECKPOINT", help="Folder, known name, or hub repository (owner/name).")
    ],
    *,
    run: flags.Run,
    data: flags.Data,
    new_head: Annotated[
        bool, typer.Option("--new-head", help="Replace the CTC head by a new one for the letters of the data set.")
    ] = False,
    optimization: flags.Optimization,
    freezing: flags.Freezing,
    engine: flags.Engine,
    verbosity: options.Verbosity,
) -> None:
    """Fine-tune a checkpoint of `train`, a CTC model, or a Whisper model, whose encoder gets a CTC head."""
    settings = _settings(data, optimization, freezing, engine)
    settings |= {"model.recognizer": checkpoint, "model.new_head": new_head or None}
    _run(settings, run, data, verbosity, defaults={})


_GROUPS: tuple[type[flags.SettingOptions], ...] = (flags.Data, flags.Optimization, flags.Freezing, flags.Engine)


def _settings(*groups: flags.SettingOptions) -> dict[str, Any]:
    return {key: value for group in groups for key, value in group.settings().items()}


def _run(
    settings: Mapping[str, Any],
    run: flags.Run,
    data: flags.Data,
    verbosity: options.Verbosity,
    *,
    defaults: Mapping[str, Any],
) -> None:
    """Train; `defaults` are a command's own, for a new run."""
    if settings.get("model.language") is not None:
        defaults = {**defaults, "freeze.parts": ["separator", "features", "encoder"]}
    from lyricsrec.dataset.sound_folders import remember_sounds
    from lyricsrec.training.launch import is_in_group, join_slurm, start_processes
    from lyricsrec.training.resume import settings_of_run
    from lyricsrec.training.settings.file import read_config

    names = {key: name for group in _GROUPS for key, name in group.names().items() if key in settings}
    start = settings_of_run(run.output) if run.resume else None
    chosen = read_config(run.config, run.settings or (), settings, names=names, start=start, defaults=defaults)
    config = _completed(chosen)
    manifests = (place.parent for place in (config.stems.folder, config.stems.validation) if place is not None)
    for folder in (*(item.folder for item in config.data.all_sets if item.url is None), *manifests):
        remember_sounds(folder, data.audio or ())
    join_slurm()
    if run.gpus is not None and not is_in_group():
        raise typer.Exit(start_processes(run.gpus, config.engine.device))
    from lyricsrec.cli.train.watch import TrainingWatch
    from lyricsrec.training.run import train as run_training

    with verbosity.screen() as screen:
        with TrainingWatch(screen, quiet=verbosity.quiet) as watch:
            outcome = run_training(config, run.output, watch, resume=run.resume, offline=run.offline, progress=screen)
        _report(outcome, config, run.output, screen)


def _completed(config: TrainConfig) -> TrainConfig:
    """Settings with the whole paths of the data. Raises UsageError for a run without data."""
    if config.data.folder == Path() and not config.data.sets:
        raise UsageError("no training data", "Give --data FOLDER, a folder that dali-prepare or import has written.")
    stems, lexicon = config.stems, config.model.lexicon
    model = replace(config.model, lexicon=lexicon.resolve() if lexicon else None)
    stems = replace(
        stems,
        folder=stems.folder.resolve() if stems.folder else None,
        validation=stems.validation.resolve() if stems.validation else None,
    )
    sets = tuple(item if item.url else replace(item, folder=item.folder.resolve()) for item in config.data.sets)
    # Without a folder there are the sets alone.
    folder = config.data.folder.resolve() if config.data.folder != Path() else config.data.folder
    data = replace(config.data, folder=folder, sets=sets)
    return replace(config, data=data, model=model, stems=stems)


def _report(outcome: Outcome, config: TrainConfig, output: Path, screen: Screen) -> None:
    """Print how the run ended; exits as a signal demands, and with failure if overfitting did not work."""
    if outcome.profile is not None:
        print_profile(outcome.profile)
    if outcome.stopped_by:
        screen.warn(f"stopped after step {outcome.step}, which is saved; continue with --resume")
        raise typer.Exit(128 + outcome.stopped_by)
    metrics = outcome.metrics
    if config.engine.overfit and metrics is not None:
        shown = f"loss {metrics.ctc:.3f} nats per symbol, WER {100 * metrics.best_wer:.1f} %"
        if not outcome.overfitted:
            screen.warn(f"not overfitted after {outcome.step} steps: {shown}; try more --steps or a higher --head-rate")
            raise typer.Exit(EXIT_FAILURE)
        screen.say(f"overfitted after {outcome.step} steps: {shown}")
    elif outcome.reason:
        screen.say(
            f"ended early after {outcome.step} steps: {outcome.reason}; the best checkpoint is {output / 'best'}"
        )
    else:
        screen.say(f"finished after {outcome.step} steps; the best checkpoint is {output / 'best'}")
