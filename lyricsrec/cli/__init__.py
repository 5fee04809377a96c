"""The command line: flags in, one call, results on stdout, everything else on stderr.

The only part of the package that prints, exits or draws progress. Nothing heavy is imported before a command runs.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from lyricsrec.cli import doctor, interrupt, models, serve
from lyricsrec.cli.data import dali_prepare, dataset, import_songs
from lyricsrec.cli.lm import lm
from lyricsrec.cli.score import score
from lyricsrec.cli.songs import align, plot, transcribe
from lyricsrec.cli.train import train
from lyricsrec.version import VERSION

app = typer.Typer(
    name="lyricsrec",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Turn songs into lyrics: separate the voice, recognise it, time every word.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("transcribe", epilog=transcribe.EXAMPLES)(transcribe.transcribe)
app.command("align", epilog=align.EXAMPLES)(align.align)
app.command("plot", epilog=plot.EXAMPLES)(plot.plot)
app.command("serve", epilog=serve.EXAMPLES)(serve.serve)
app.command("train", epilog=train.TRAIN_EXAMPLES)(train.train)
app.command("finetune", epilog=train.FINETUNE_EXAMPLES)(train.finetune)
app.command("dali-prepare", epilog=dali_prepare.EXAMPLES)(dali_prepare.dali_prepare)
app.command("import", epilog=import_songs.EXAMPLES)(import_songs.import_songs)
app.add_typer(score.app, name="score")
app.add_typer(dataset.app, name="dataset")
app.add_typer(lm.app, name="lm")
app.command("doctor")(doctor.doctor)
app.add_typer(models.app, name="models")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"lyricsrec {VERSION}")
        raise typer.Exit


@app.callback()
def _global_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point of the `lyricsrec` command."""
    # A terminated batch cleans up its temporary files like an interrupted one.
    signal.signal(signal.SIGTERM, _terminate)
    interrupt.watch()
    app()


def _terminate(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
