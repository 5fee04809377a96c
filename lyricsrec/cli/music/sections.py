"""`lyricsrec sections`."""

from __future__ import annotations

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import NoLyricsError
from lyricsrec.cli import options
from lyricsrec.cli.music.given import Given, Results, Transcription, transcript_of, write_result
from lyricsrec.lyrics.music.sections import Section, form_of, headed
from lyricsrec.lyrics.transcript import Transcript

EXAMPLES = """
**Examples**

`lyricsrec sections song.lrc` prints the sections: times, names, first lines.

`lyricsrec sections song.json -o song.cho` writes ChordPro with the sections.

`lyricsrec sections song.mp3 -f txt` transcribes a song, and prints its lyrics under headings.

`lyricsrec transcribe song.mp3 -f json | lyricsrec sections - -f json | jq .sections` works in a pipeline.
"""

_SHOWN = 48


def sections(
    given: Given,
    *,
    results: Results,
    transcription: Transcription,
    track: options.Track = None,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Find the sections of a song: chorus, verses, bridge, intro, outro and instrumental parts."""
    with verbosity.screen() as screen:
        transcript = transcript_of(given, transcription, compute, track, screen)
        if not transcript.sections:
            raise NoLyricsError(f"{transcript.song}: no sections, as it has no lyrics or is too long")
        write_result(results, _table(transcript), transcript, screen)


def _table(transcript: Transcript) -> str:
    """A row for each section, and the form of the song."""
    rows = [_row(name, section, transcript) for name, section in headed(transcript.sections, len(transcript.lines))]
    if not any(section.start_s is not None for section in transcript.sections):
        rows = [("", *row[1:]) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    cells = [[*(cell.ljust(w) for cell, w in zip(row, widths, strict=False) if w), row[3]] for row in rows]
    shown = ["  ".join(row).rstrip() for row in cells]
    repeats = len({section.label for section in transcript.sections} & {"chorus", "pre-chorus"}) > 0
    form = form_of(transcript.sections) + ("" if repeats else " (verses only: nothing repeats)")
    return "\n".join([*shown, f"form: {form}"]) + "\n"


def _row(name: str, section: Section, transcript: Transcript) -> tuple[str, str, str, str]:
    times = [clock(t, 1) if t is not None else "-" for t in (section.start_s, section.end_s)]
    if not section.lines:
        return f"{times[0]} - {times[1]}", name, "", ""
    text = transcript.lines[section.lines[0]].text
    number = len(section.lines)
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3].rstrip()}..."
    return f"{times[0]} - {times[1]}", name, f"{number} line{'s' if number > 1 else ''}", shown
