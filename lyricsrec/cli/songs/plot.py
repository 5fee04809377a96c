"""`lyricsrec plot`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.plot.settings import PlotConfig

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
    background: Annotated[
        Literal["spectrogram", "waveform", "none"], typer.Option(help="Background behind the words.")
    ] = "spectrogram"
    from_s: Annotated[float, typer.Option("--from", help="Start of the part to show, in seconds.")] = _PLOT.from_s
    to_s: Annotated[
        float | None, typer.Option("--to", help="End of the part to show, in seconds. Default: the song's end.")
    ] = None
    audio: Annotated[
        Literal["link", "embed", "none"],
        typer.Option(help="Audio of a page: link to the song, embed it, or none (the page then asks for the file)."),
    ] = "link"


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
    verbosity: options.Verbosity,
) -> None:
    """Draw a song with its words at their times, confidence as colour, and the words that could not be placed."""
    from lyricsrec.audio.inputs import STDIN, find_songs
    from lyricsrec.plot.draw import check_output
    from lyricsrec.plot.draw import plot as draw
    from lyricsrec.plot.transcripts import read_timed_lines

    config = PlotConfig(view.row_s, view.background, view.from_s, to_s=view.to_s, audio=view.audio)
    config.check()
    check_output(output)
    if song == transcript == STDIN:
        raise UsageError("SONG and TRANSCRIPT cannot both be standard input", "Give one of them as a file.")
    if Path(song).is_dir():
        raise UsageError(f"{song} is a folder", "plot takes a single song.")
    with verbosity.screen() as screen:
        (source,) = find_songs([song])
        draw(source, read_timed_lines(transcript), output, config, screen)
        screen.note(f"wrote {output}")
