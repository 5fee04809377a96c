"""The sections of a song, found in its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lyricsrec.lyrics.music.sections import Section, SectionLabel
from lyricsrec.lyrics.transcript import Line, Transcript
from lyricsrec.music.form.boundaries import LONG_BREAK_S, boundary_model
from lyricsrec.music.form.labels import labels_of
from lyricsrec.music.form.similarity import bare, similarities

_MAX_LINES = 1500
"""Texts with more lines, such as audio books, have no sections."""
_EDGE_S = 5.0
"""A part without words this long is an intro at the begin of a song, an outro at its end."""


def find_sections(
    lines: Sequence[Line], duration_s: float | None = None, *, begins: Sequence[int] | None = None
) -> tuple[Section, ...]:
    """The sections of a song, in order, with those in which nobody sings for 12 s or more (5 s at its ends).

    `begins` are the numbers of the lines that begin a section, where they are known, as in a sheet with blank rows.
    Lines that translate others belong to the section of the line before. `duration_s` is the length of the song in
    seconds; without it, or without times, there is no outro without words.
    """
    sung = [number for number, line in enumerate(lines) if line.is_sung and line.words]
    if not sung or len(sung) > _MAX_LINES:
        return ()
    chosen = [lines[number] for number in sung]
    if begins is None:
        places = boundary_model().begins(chosen)
    else:
        places = tuple(place for place, number in enumerate(sung) if number in set(begins) or place == 0)
    parts = [range(first, last) for first, last in zip(places, [*places[1:], len(sung)], strict=True)]
    labels = labels_of(parts, similarities([bare(line.text) for line in chosen]))
    bounds = [*(sung[part.start] for part in parts), len(lines)]
    bounds[0] = 0
    with_words = [
        _section(label, range(first, last), lines)
        for label, first, last in zip(labels, bounds[:-1], bounds[1:], strict=True)
    ]
    return tuple(_with_breaks(with_words, duration_s))


def with_sections(transcript: Transcript) -> Transcript:
    """A transcript with the sections of its lines."""
    return replace(transcript, sections=find_sections(transcript.lines, transcript.duration_s or None))


def _section(label: SectionLabel, numbers: range, lines: Sequence[Line]) -> Section:
    starts = [start_s for n in numbers if (start_s := lines[n].start_s) is not None]
    ends = [end_s for n in numbers if (end_s := lines[n].end_s) is not None]
    return Section(label, min(starts, default=None), max(ends, default=None), lines=tuple(numbers))


def _with_breaks(sections: Sequence[Section], duration_s: float | None) -> Iterator[Section]:
    """The sections, with parts without words where a song begins or ends with one, or has a long break."""
    last_s: float | None = 0.0
    for number, section in enumerate(sections):
        least_s = LONG_BREAK_S if number else _EDGE_S
        if last_s is not None and section.start_s is not None and section.start_s - last_s >= least_s:
            yield Section("instrumental" if number else "intro", last_s, section.start_s)
        yield section
        last_s = section.end_s
    if last_s is not None and duration_s is not None and duration_s - last_s >= _EDGE_S:
        yield Section("outro", last_s, duration_s)
