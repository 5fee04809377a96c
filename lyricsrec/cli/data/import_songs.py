"""`lyricsrec import`, also called `dataset prepare ultrastar` and `jamendolyrics`: songs that are not from DALI."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.data import rules as given
from lyricsrec.cli.data.prepare import export, prepare
from lyricsrec.cli.screen import EXIT_FAILURE

ImportName = Literal["ultrastar", "jamendolyrics"]

EXAMPLES = """
**Examples**

`lyricsrec import ultrastar karaoke/ --output karaoke-data/` prepares a folder of UltraStar songs.

`lyricsrec import ultrastar karaoke/ --to-dali entries/` writes them as DALI entries, with or without audio.

`lyricsrec import jamendolyrics jamendolyrics/ --output jamendo-de/ --language german --ratios 0,0,1` puts all German \
songs into the test split.
"""

ULTRASTAR_EXAMPLES = """
**Examples**

`lyricsrec dataset prepare ultrastar karaoke/ --output karaoke-data/` prepares a folder of UltraStar songs.

`lyricsrec dataset prepare ultrastar karaoke/ --to-dali entries/` writes them as DALI entries, with or without audio.
"""

JAMENDOLYRICS_EXAMPLES = """
**Examples**

`lyricsrec dataset prepare jamendolyrics jamendolyrics/ --output jamendo-de/ --language german --ratios 0,0,1` puts \
all German songs into the test split.
"""


@dataclass(frozen=True, kw_only=True)
class Files(Options):
    """What is written where."""

    output: given.Output = None
    to_dali: Annotated[Path | None, typer.Option(help="Also write the songs as DALI entries (.gz) to this folder.")] = (
        None
    )


def import_songs(
    format_: Annotated[ImportName, typer.Argument(metavar="FORMAT", help="ultrastar or jamendolyrics.")],
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder of UltraStar songs (searched recursively), or of JamendoLyrics."),
    ],
    *,
    files: Files,
    rules: given.Rules,
    work: given.Work,
    verbosity: options.Verbosity,
) -> None:
    """Make training data from UltraStar songs or JamendoLyrics, or convert them to DALI entries.

    Writes the same manifests as `dali-prepare`. The quality of these annotations is unknown, so songs are split at
    random. All languages are kept, each normalised to its own letters.
    """
    _run(format_, folder, files, rules, work, verbosity)


def import_ultrastar(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of UltraStar songs (searched recursively).")],
    *,
    files: Files,
    rules: given.Rules,
    work: given.Work,
    verbosity: options.Verbosity,
) -> None:
    """Make training data from UltraStar songs, or convert them to DALI entries."""
    _run("ultrastar", folder, files, rules, work, verbosity)


def import_jamendolyrics(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of JamendoLyrics.")],
    *,
    files: Files,
    rules: given.Rules,
    work: given.Work,
    verbosity: options.Verbosity,
) -> None:
    """Make training data from JamendoLyrics, or convert its songs to DALI entries."""
    _run("jamendolyrics", folder, files, rules, work, verbosity)


def _run(
    source_name: ImportName,
    folder: Path,
    files: Files,
    rules: given.Rules,
    work: given.Work,
    verbosity: options.Verbosity,
) -> None:
    from lyricsrec.dataset.sources.base import SourcePaths
    from lyricsrec.dataset.sources.registry import open_source

    if files.output is None and files.to_dali is None:
        raise UsageError("--output is missing", "To write DALI entries only, give --to-dali.")
    config = rules.config((), given.NccSplit(split="random", ncc=0.0))
    with verbosity.screen() as screen:
        source = open_source(source_name, SourcePaths(folder))
        num_failed = export(source, files.to_dali, "gz", screen) if files.to_dali and not work.dry_run else 0
        if files.output is not None:
            prepare(source, files.output, config, work, screen)
    if num_failed:
        raise typer.Exit(EXIT_FAILURE)
