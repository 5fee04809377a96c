"""The sections of a sheet, with those repeated that a heading or a mark only refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field

from lyricsrec.formats.base import Problem
from lyricsrec.formats.sheet.headings import CHORUSES, Heading
from lyricsrec.formats.sheet.rows import Row

Section = list[str]
"""The lines of a paragraph."""

_MAX_LINES = 5000
"""Lines that repetition may add to a sheet; longer songs do not exist."""


@dataclass
class _Part:
    """A heading and the paragraphs under it; `gap` says whether a blank row follows the heading."""

    row: Row | None
    paragraphs: list[Section] = field(default_factory=list)
    repeats: int = 1
    _: KW_ONLY
    gap: bool = False
    is_open: bool = False

    @property
    def heading(self) -> Heading | None:
        return None if self.row is None else self.row.heading


@dataclass
class _Words:
    """The words of a part that may be repeated, and where they were."""

    paragraphs: list[Section]
    row: int
    gap: bool

    @property
    def num_lines(self) -> int:
        return sum(map(len, self.paragraphs))


def repeated(rows: Sequence[Row]) -> tuple[list[Section], list[Problem]]:
    """The paragraphs of a sheet in the order in which they are sung, and notes on what is repeated."""
    problems: list[Problem] = []
    parts = _parts(rows, problems)
    labelled = any(part.heading and part.heading.kind == "verse" and part.paragraphs for part in parts)
    known: dict[tuple[str, int], _Words] = {}
    sections: list[Section] = []
    room = _MAX_LINES
    for part in parts:
        again, count = _again(part, known, labelled=labelled), part.repeats
        if again is not None and again.num_lines * count <= room:
            room -= again.num_lines * count
            sections += again.paragraphs * count
            problems.append(_repetition(part, again, count))
            sections += part.paragraphs
            continue
        own = _own(part, labelled=labelled)
        if own is not None:
            _learn(known, part, own)
            if count > 1 and own.num_lines * (count - 1) <= room:
                room -= own.num_lines * (count - 1)
                sections += own.paragraphs * (count - 1)
                problems.append(Problem(f"'{_name(part)}': {_lines(own)} sung {count} times", own.row))
        elif part.heading and (part.heading.kind in CHORUSES or part.heading.repeat) and not part.paragraphs:
            problems.append(Problem(f"'{_name(part)}' has no words, here or above", _number(part)))
        sections += part.paragraphs
    return sections, sorted(problems, key=lambda problem: problem.row or 0)


def _parts(rows: Sequence[Row], problems: list[Problem]) -> list[_Part]:
    parts = [_Part(None)]
    for row in rows:
        part = parts[-1]
        if row.kind == "heading" and row.heading is not None:
            parts.append(_Part(row, repeats=row.heading.repeats))
        elif row.kind == "blank":
            part.gap |= not part.paragraphs
            part.is_open = False
        elif row.kind == "line":
            if not part.is_open:
                part.paragraphs.append([])
                part.is_open = True
            part.paragraphs[-1] += [row.text] * row.repeats
        elif row.kind == "repeat":
            _repeat(part, row, problems)
    return parts


def _repeat(part: _Part, row: Row, problems: list[Problem]) -> None:
    """A mark on a row of its own repeats the paragraph above it, or the part whose heading is above it."""
    if not part.paragraphs:
        part.repeats = row.repeats
    elif len(part.paragraphs[-1]) * row.repeats <= _MAX_LINES:
        lines = part.paragraphs[-1]
        above = _Words([lines], row.number, gap=False)
        problems.append(Problem(f"'{row.text}': {_lines(above)} above sung {row.repeats} times", row.number))
        part.paragraphs[-1] = lines * row.repeats
        part.is_open = False


def _again(part: _Part, known: dict[tuple[str, int], _Words], *, labelled: bool) -> _Words | None:
    """The words that a heading refers to, None where it has its own or there are none."""
    heading = part.heading
    if heading is None:
        return None
    words = known.get((heading.kind, heading.number))
    if words is None and heading.kind in CHORUSES:
        words = known.get((heading.kind, 0))
    if words is None or heading.repeat or not part.paragraphs:
        return words
    # In sheets that name nothing but the chorus, its words follow it without a blank row, those of a verse after one.
    is_verse = part.gap and not words.gap and not labelled and part.paragraphs[0] != words.paragraphs[0]
    return words if is_verse and heading.kind in CHORUSES else None


def _own(part: _Part, *, labelled: bool) -> _Words | None:
    """The words of a part: all paragraphs up to the next heading, or one where verses have no headings."""
    if part.heading is None or not part.paragraphs:
        return None
    paragraphs = part.paragraphs if labelled else part.paragraphs[:1]
    return _Words([list(lines) for lines in paragraphs], _number(part), part.gap)


def _learn(known: dict[tuple[str, int], _Words], part: _Part, words: _Words) -> None:
    assert part.heading is not None
    known.setdefault((part.heading.kind, part.heading.number), words)
    if part.heading.kind in CHORUSES:
        known.setdefault((part.heading.kind, 0), words)


def _repetition(part: _Part, words: _Words, count: int) -> Problem:
    times = f"{count} times" if count > 1 else "again"
    return Problem(
        f"'{_name(part)}' has no words of its own: {_lines(words)} of row {words.row} sung {times}",
        _number(part),
    )


def _lines(words: _Words) -> str:
    return f"{words.num_lines} line{'s' if words.num_lines > 1 else ''}"


def _name(part: _Part) -> str:
    return part.row.text if part.row is not None else ""


def _number(part: _Part) -> int:
    return part.row.number if part.row is not None else 0
