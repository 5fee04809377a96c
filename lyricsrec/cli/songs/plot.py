"""`lyricsrec plot`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import checked
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.plot.settings import AudioMode, Background, PlotConfig

EXAMPLES = """
**Examples**

`lyricsrec transcribe song.mp3 -f json | lyricsrec plot song.mp3 - -o song.png` draws a transcript.

`lyricsrec plot song.mp3 song.json -o song.html` writes a page that plays the song next to its words.

`lyricsrec plot song.mp3 song.json --from 62 --to 75 --row-s 5 -o verse.png` shows one verse.

`lyricsrec plot song.mp3 song.json --audio embed -o song.html` puts the audio into the page, for use elsewhere.
"""

_PLOT = PlotConfig()


@dataclass(frozen=True, kw_only=True)
class View(Options):
    """What is drawn, and how."""

    row_s: Annotated[float, typer.Option(help="Seconds per row of a picture.")] = _PLOT.row_s
    background: Annotated[Background, typer.Option(help="Background behind the words.")] = _PLOT.background
    from_s: Annotated[float, typer.Option("--from", help="Start of the part to show, in seconds.")] = _PLOT.from_s
    to_s: Annotated[
        float | None, typer.Option("--to", help="End of the part to show, in seconds. Default: the song's end.")
    ] = None
    audio: Annotated[
        AudioMode,
        typer.Option(help="Audio of a page: link to the song, embed it, or none (the page then asks for the file)."),
    ] = _PLOT.audio


def plot(
    song: options.Song,
    transcript: Annotated[
        str,
        typer.Argument(metavar="TRANSCRIPT", help="Timed lyrics (JSON, LRC, SRT ...), or - for standard input."),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Picture (.png, .svg, .pdf) or page (.html); the extension selects it."),
    ],
    view: View,
    track: options.Track = None,
    verbosity: options.Verbosity,
) -> None:
    """Draw a song with its words at their times, confidence as colour, and the words that could not be placed."""
    from lyricsrec.audio.inputs import STDIN, find_songs
    from lyricsrec.plot.draw import check_output
    from lyricsrec.plot.draw import plot as draw
    from lyricsrec.plot.transcripts import read_timed

    config = checked(PlotConfig, vars(view), flags={"row_s": "--row-s", "from_s": "--from", "to_s": "--to"})
    check_output(output)
    if song == transcript == STDIN:
        raise UsageError("SONG and TRANSCRIPT cannot both be standard input", "Give one of them as a file.")
    if Path(song).is_dir():
        raise UsageError(f"{song} is a folder", "plot takes a single song.")
    with verbosity.screen() as screen:
        (source,) = find_songs([song], track=track)
        timed = read_timed(transcript)
        draw(source, timed.lines, output, chords=timed.chords, melody=timed.melody, config=config, progress=screen)
        screen.note(f"wrote {output}")
