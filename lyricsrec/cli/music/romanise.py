"""`lyricsrec romanise`."""

from __future__ import annotations

from dataclasses import replace

from lyricsrec.cli import options
from lyricsrec.cli.music.given import Given, Results, Transcription, transcript_of, write_result

EXAMPLES = """
**Examples**

`lyricsrec romanise song.lrc -o romanised.lrc` writes each line in Latin letters, too, at the same time.

`lyricsrec romanise song.json -f ass -o song.ass` writes karaoke subtitles with both lines.

`lyricsrec transcribe song.mp3 --romanise -f json` does the same for a song that is transcribed.
"""


def romanise(
    given: Given,
    *,
    results: Results,
    transcription: Transcription,
    track: options.Track = None,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Add to each line of lyrics in another script the same line in Latin letters."""
    from lyricsrec.formats.registry import get_format
    from lyricsrec.music.romanise import romanised

    with verbosity.screen() as screen:
        found = romanised(transcript_of(given, transcription, compute, track, screen))
        timed = any(line.start_s is not None for line in found.lines)
        if results.format_ is None and results.output is None:
            results = replace(results, format_="lrc" if timed else "txt")
        write_result(results, get_format("txt").render(found), found, screen)
