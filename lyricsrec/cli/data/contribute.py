"""`lyricsrec contribute`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import EXIT_FAILURE, print_result

EXAMPLES = """
**Examples**

`lyricsrec contribute songs/ --init` writes songs/songs.csv, a table in which artist, licence and source are filled in.

`lyricsrec contribute songs/ -o contribution/` writes DALI entries, UltraStar songs, a folder like JamendoLyrics, and \
a report of what is missing.

`lyricsrec contribute songs/ -o contribution/ --with-audio --strict` copies sound that may be passed on, and fails if \
anything is missing.
"""


def contribute(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder with sound, lyrics with times, and songs.csv."),
    ],
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="New folder to write.")] = None,
    init: Annotated[
        bool, typer.Option("--init", help="Only write songs.csv, with the files of DIR and what their tags say.")
    ] = False,
    with_audio: Annotated[
        bool,
        typer.Option("--with-audio", help="Copy sound whose licence lets others pass it on (CC, public domain)."),
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if a song lacks something.")] = False,
    verbosity: options.Verbosity,
) -> None:
    """Gather songs for a data set: checked times, notes, licence, source and checksums, in the formats of data sets."""
    from lyricsrec.dataset.contribution.songs import TABLE, read_songs, write_table
    from lyricsrec.dataset.contribution.write import report_of, write_contribution

    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder", "Name the folder with the sound and the lyrics.")
    with verbosity.screen() as screen:
        if init:
            number = write_table(folder)
            screen.say(
                f"wrote {folder / TABLE} with {number} song{'' if number == 1 else 's'}; fill in what is missing"
            )
            return
        if output is None:
            raise UsageError("contribute needs a folder to write to", "Name it with --output, or begin with --init.")
        found = write_contribution(read_songs(folder), output, with_audio=with_audio)
        screen.note(f"wrote {output}")
    print_result(report_of(found))
    if not found.num_written or (strict and found.num_complete < len(found.songs)):
        raise typer.Exit(EXIT_FAILURE)
