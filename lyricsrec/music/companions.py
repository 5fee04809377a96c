"""Lines beside those that are sung: the same words in Latin letters, or a translation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lyricsrec.lyrics.transcript import Line, Transcript


def with_companions(transcript: Transcript, companions: Mapping[int, Line]) -> Transcript:
    """A transcript with a line behind each line that `companions` has one for, by its number; sections keep theirs."""
    lines: list[Line] = []
    places: list[list[int]] = []
    for number, line in enumerate(transcript.lines):
        added = [line, companions[number]] if number in companions else [line]
        places.append(list(range(len(lines), len(lines) + len(added))))
        lines += added
    sections = tuple(
        replace(section, lines=tuple(n for line in section.lines if line < len(places) for n in places[line]))
        for section in transcript.sections
    )
    return replace(transcript, lines=tuple(lines), sections=sections)
