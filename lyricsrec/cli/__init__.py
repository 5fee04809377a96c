"""The command line: options in, one call, results on stdout, everything else on stderr.

The only part of the package, beside `web`, that prints or exits. To add a command, write a function in a module of this
folder or of `songs`, `data`, `lm`, `score` or `train`, and add one line below. `command` turns its groups of options
into flags and reports its errors. Commands import slow libraries only when they run, so that `--help` is quick. Nothing
imports from here.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, TextIO

import typer

from lyricsrec.cli import doctor, interrupt, models, serve
from lyricsrec.cli.catalogue import export as catalogue_export
from lyricsrec.cli.catalogue import run as catalogue_run
from lyricsrec.cli.catalogue import slurm as catalogue_slurm
from lyricsrec.cli.catalogue import status as catalogue_status
from lyricsrec.cli.command import DEBUG_HELP, PlainCommand, PlainGroup, command
from lyricsrec.cli.data import contribute, dataset, import_songs, prepare
from lyricsrec.cli.lm import build, tune
from lyricsrec.cli.music import chords, melody, romanise, sections, summary
from lyricsrec.cli.score import compare, score
from lyricsrec.cli.songs import align, karaoke, plot, separate, transcribe
from lyricsrec.cli.train import average, export, push, sweep, train
from lyricsrec.version import VERSION

app = typer.Typer(
    name="lyricsrec",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Turn songs into lyrics: separate the voice, recognise it, time every word.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _add(group: typer.Typer, name: str, function: Callable[..., None], examples: str) -> None:
    group.command(name, cls=PlainCommand, epilog=examples)(command(function))


def _group(parent: typer.Typer, name: str, text: str) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, help=text)
    parent.add_typer(group, name=name)
    return group


_add(app, "transcribe", transcribe.transcribe, transcribe.EXAMPLES)
_add(app, "align", align.align, align.EXAMPLES)
_add(app, "melody", melody.melody, melody.EXAMPLES)
_add(app, "separate", separate.separate, separate.EXAMPLES)
_add(app, "karaoke", karaoke.karaoke, karaoke.EXAMPLES)
_add(app, "plot", plot.plot, plot.EXAMPLES)
_add(app, "chords", chords.chords, chords.EXAMPLES)
_add(app, "sections", sections.sections, sections.EXAMPLES)
_add(app, "summary", summary.summary, summary.EXAMPLES)
_add(app, "romanise", romanise.romanise, romanise.EXAMPLES)
_add(app, "serve", serve.serve, serve.EXAMPLES)
_add(app, "train", train.train, train.TRAIN_EXAMPLES)
_add(app, "finetune", train.finetune, train.FINETUNE_EXAMPLES)
_add(app, "sweep", sweep.sweep, sweep.EXAMPLES)
_add(app, "export", export.export, export.EXAMPLES)
_add(app, "push", push.push, push.EXAMPLES)
_add(app, "dali-prepare", prepare.dali_prepare, prepare.EXAMPLES)
_add(app, "import", import_songs.import_songs, import_songs.EXAMPLES)
_add(app, "contribute", contribute.contribute, contribute.EXAMPLES)
_add(app, "doctor", doctor.doctor, doctor.EXAMPLES)

_score = typer.Typer(
    cls=PlainGroup, invoke_without_command=True, no_args_is_help=True, subcommand_metavar="[compare A.json B.json]"
)
_score.callback(epilog=score.EXAMPLES)(command(score.score))
_add(_score, "compare", compare.compare, compare.EXAMPLES)
app.add_typer(_score, name="score")

_dataset = _group(app, "dataset", "Prepare and inspect data sets.")
_add(_dataset, "show", dataset.show, dataset.EXAMPLES)
_add(_dataset, "shard", dataset.shard, dataset.SHARD_EXAMPLES)
_prepare = _group(_dataset, "prepare", "Make training data from annotated songs.")
_add(_prepare, "dali", prepare.dali_prepare, prepare.EXAMPLES)
_add(_prepare, "ultrastar", import_songs.import_ultrastar, import_songs.ULTRASTAR_EXAMPLES)
_add(_prepare, "jamendolyrics", import_songs.import_jamendolyrics, import_songs.JAMENDOLYRICS_EXAMPLES)

_catalogue = _group(app, "catalogue", "Do one task for very many songs, on one machine or many.")
_add(_catalogue, "run", catalogue_run.run, catalogue_run.EXAMPLES)
_add(_catalogue, "status", catalogue_status.status, catalogue_status.EXAMPLES)
_add(_catalogue, "retry", catalogue_status.retry, catalogue_status.RETRY_EXAMPLES)
_add(_catalogue, "export", catalogue_export.export, catalogue_export.EXAMPLES)
_add(_catalogue, "slurm", catalogue_slurm.slurm, catalogue_slurm.EXAMPLES)

_lm = _group(app, "lm", "Build and tune language models.")
_add(_lm, "build", build.build, build.EXAMPLES)
_add(_lm, "tune", tune.tune, tune.EXAMPLES)

_checkpoint = _group(app, "checkpoint", "Make models of the checkpoints of a training run.")
_add(_checkpoint, "average", average.average, average.EXAMPLES)

_models = _group(app, "models", "List, describe and download models.")
_add(_models, "list", models.list_models, models.LIST_EXAMPLES)
_add(_models, "info", models.show_model, models.INFO_EXAMPLES)
_add(_models, "pull", models.pull_model, models.PULL_EXAMPLES)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lyricsrec {VERSION}")
        raise typer.Exit


@app.callback()
def _global_options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help=f"{DEBUG_HELP} Also after the command.")] = False,
) -> None:
    context.obj = debug


def main() -> None:
    """Entry point of the `lyricsrec` command."""
    # A terminated batch removes its temporary files, as an interrupted one does.
    signal.signal(signal.SIGTERM, _terminate)
    interrupt.watch()
    _prepare_streams()
    app()


def _prepare_streams() -> None:
    """Let output never fail for a closed stream (`>&-`) or for a locale that lacks a character of a table."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _terminate(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
