"""A sheet of plain lyrics: what of it is sung, in which sections, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lyricsrec.formats.base import Omitted, Problem
from lyricsrec.formats.sheet.rows import HEADING, MARK, NUMBER, REMARK, classify
from lyricsrec.formats.sheet.sections import Section, repeated
from lyricsrec.lyrics.transcript import Line, Word

_SILENT = frozenset({HEADING, REMARK, MARK, NUMBER})
"""Reasons that many sheets have; they need no note, and repetition has one of its own."""
_NUM_SHOWN = 6


@dataclass(frozen=True)
class Sheet:
    """The sung lines of a sheet in their sections, what was left out, and notes on what had to be guessed."""

    sections: tuple[tuple[Line, ...], ...]
    omitted: tuple[Omitted, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines in order."""
        return tuple(line for section in self.sections for line in section)


def read_sheet(text: str) -> Sheet:
    """The sung lines of plain lyrics, without times.

    Left out are headings and remarks in brackets, rows of chords and tablature, and what sites and song books add.
    Ad-libs in parentheses are sung. A row that ends in "(x2)", "x2" or "2x" is repeated that many times. A heading with
    no words of its own, such as a bare "[Chorus]", stands for the words of the first part with this name; "x2" beside
    a heading or on a row of its own repeats the part.
    """
    rows = classify(text.splitlines())
    sections, problems = repeated(rows)
    omitted = tuple(omission for row in rows for omission in row.omitted)
    return Sheet(
        tuple(lines for section in sections if (lines := _lines(section))), omitted, (*_notes(omitted), *problems)
    )


def _lines(section: Section) -> tuple[Line, ...]:
    return tuple(Line(tuple(Word(word, None, None) for word in text.split())) for text in section)


def _notes(omitted: Sequence[Omitted]) -> list[Problem]:
    """A note for each reason to leave out rows that a sheet of nothing but lyrics would not have."""
    notes = []
    for reason in dict.fromkeys(omission.reason for omission in omitted if omission.reason not in _SILENT):
        found = [omission for omission in omitted if omission.reason == reason]
        rows = list(dict.fromkeys(omission.row for omission in found))
        if len(found) == 1:
            notes.append(Problem(f"left out '{found[0].text}' ({reason})", rows[0]))
        else:
            more = ", ..." if len(rows) > _NUM_SHOWN else ""
            numbers = ", ".join(map(str, rows[:_NUM_SHOWN]))
            notes.append(Problem(f"left out in row{'s' if len(rows) > 1 else ''} {numbers}{more}: {reason}"))
    return notes
