"""`lyricsrec plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import Screen, reporting
from lyricsrec.plot.settings import AUDIO, BACKGROUNDS, PlotConfig

EXAMPLES = """
**Examples**

`lyricsrec transcribe song.mp3 -f json | lyricsrec plot song.mp3 - -o song.png` draws what was heard.

`lyricsrec plot song.mp3 song.json -o song.html` writes a page that plays the song beside it.

`lyricsrec plot song.mp3 song.json --from 62 --to 75 --row-s 5 -o verse.png` looks at a verse.

`lyricsrec plot song.mp3 song.json --audio embed -o song.html` puts the sound into the page, to carry it elsewhere.
"""

_PLOT = PlotConfig()


def plot(
    song: options.Song,
    transcript: Annotated[
        str,
        typer.Argument(metavar="TRANSCRIPT", help="Its timed lyrics (JSON, LRC, SRT ...), or - for standard input."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A picture (.png, .svg, .pdf) or a page (.html), by its ending.")
    ],
    row_s: Annotated[float, typer.Option(help="Seconds in a row of a picture.")] = _PLOT.row_s,
    background: Annotated[str, typer.Option(help=f"Under the words: {', '.join(BACKGROUNDS)}.")] = _PLOT.background,
    from_s: Annotated[float, typer.Option("--from", help="Leave out what comes before (seconds).")] = _PLOT.from_s,
    to_s: Annotated[float | None, typer.Option("--to", help="Leave out what comes after (seconds).")] = None,
    audio: Annotated[
        str, typer.Option(help=f"Sound of a page: {', '.join(AUDIO)} (the page then asks for the file).")
    ] = _PLOT.audio,
    quiet: options.QuietWithoutResults = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what was written.")] = False,
) -> None:
    """Draw a song with its words at their times, their confidence as colour, and what could not be placed."""
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        from lyricsrec.audio.inputs import STDIN, find_songs
        from lyricsrec.plot.draw import check_output
        from lyricsrec.plot.draw import plot as draw
        from lyricsrec.plot.transcripts import read_timed_lines

        config = PlotConfig(row_s, background, from_s, to_s=to_s, audio=audio)
        config.check()
        check_output(output)
        if song == transcript == STDIN:
            raise UsageError("SONG and TRANSCRIPT cannot both come from standard input")
        if Path(song).is_dir():
            raise UsageError(f"{song} is a folder", "plot takes one song.")
        (source,) = find_songs([song])
        draw(source, read_timed_lines(transcript), output, config, screen)
        screen.note(f"wrote {output}")
