"""The rows of a sheet, sorted: what is sung, what is a heading, and what is left out of each and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Literal

from lyricsrec.formats.base import Omitted
from lyricsrec.formats.marked_words import unmarked
from lyricsrec.formats.sheet.chords import is_tablature, rows_of_chords
from lyricsrec.formats.sheet.headings import Heading, heading, split_heading
from lyricsrec.formats.sheet.row_text import is_marked, remarks_of, split_repeats, without_remarks
from lyricsrec.formats.sheet.site_remarks import find_remarks

HEADING = "a heading"
REMARK = "a remark"
MARK = "a mark for repetition"
CHORDS = "chords"
TABLATURE = "tablature"
NUMBER = "the number of a verse"
OTHER = Heading("other")
_NUMBER = re.compile(r"(?:(?P<digits>\d{1,2})|(?P<roman>[IVX]{1,4}))[.):]?(?:\s+(?P<rest>\S.*))?")
_ROMAN = {roman: i for i, roman in enumerate(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"), 1)}
_REPEAT = re.compile(r"(?:repeat|bis)(?: all)?:?", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"))

Kind = Literal["line", "heading", "repeat", "blank", "nothing"]


@dataclass(frozen=True)
class Row:
    """A row, or one of two parts of it: a line that is sung `repeats` times, a heading, a mark, or nothing."""

    number: int
    kind: Kind
    text: str = ""
    _: KW_ONLY
    repeats: int = 1
    heading: Heading | None = None
    omitted: tuple[Omitted, ...] = ()


def classify(rows: Sequence[str]) -> list[Row]:
    """The rows of a sheet in order; a row with a heading and words is two."""
    rows = [row.translate(_INVISIBLE) for row in rows]
    remarks = find_remarks(rows)
    kept = [remarks[number].keep if number in remarks else row.strip() for number, row in enumerate(rows)]
    whole = {
        **{number: TABLATURE for number, row in enumerate(kept) if is_tablature(row)},
        **dict.fromkeys(rows_of_chords([_behind_heading(row) for row in kept]), CHORDS),
    }
    sorted_rows: list[Row] = []
    numbers = _verse_numbers(kept)
    headed = _has_headings(kept)
    for i, row in enumerate(kept):
        begins = not sorted_rows or sorted_rows[-1].kind != "line"
        if i in remarks:
            left = rows[i].strip()
            left = left if not row else left.replace(row, "", 1).strip() or left
            sorted_rows.append(Row(i + 1, "nothing", omitted=(Omitted(i + 1, left, remarks[i].reason),)))
            if not row:
                continue
        if i in whole:
            head, _ = split_heading(row, sure=False)
            if found := heading(head):
                sorted_rows.append(Row(i + 1, "heading", head, heading=found))
            sorted_rows.append(Row(i + 1, "nothing", omitted=(Omitted(i + 1, row, whole[i]),)))
        elif i in numbers:
            sorted_rows += _numbered(i + 1, row, numbers[i])
        else:
            sorted_rows += _sorted(i + 1, row, begins=begins, headed=headed)
    return sorted_rows


def _behind_heading(row: str) -> str:
    """A row without a heading before its words, and without the mark for repetition at its end."""
    return split_repeats(split_heading(row, sure=False)[1])[0]


def _sorted(number: int, row: str, *, begins: bool, headed: bool) -> Iterator[Row]:
    """The parts of a row that is neither a remark of a site nor chords; `begins` says whether it begins a paragraph."""
    if not row:
        yield Row(number, "blank")
        return
    if found := _heading(row, begins=begins, headed=headed):
        yield Row(number, "heading", row, heading=found, omitted=(Omitted(number, row, HEADING),))
        return
    head, rest = split_heading(row)
    if head:
        yield Row(number, "heading", head, heading=heading(head), omitted=(Omitted(number, head, HEADING),))
        row = rest
    if (repeats := _mark(row)) > 1:
        yield Row(number, "repeat", row, repeats=repeats, omitted=(Omitted(number, row, MARK),))
        return
    yield _line(number, row, *split_repeats(row))


def _mark(row: str) -> int:
    """How often a mark on a row of its own says that something is sung ("x2", "(repeat)"); 1 for another row."""
    bare = row.strip("()[]{} ")
    once, repeats = split_repeats(bare)
    if not bare or (once and not _REPEAT.fullmatch(once)):
        return 1
    return max(repeats, 2) if bare != row or repeats > 1 else 1


def _line(number: int, row: str, once: str, repeats: int) -> Row:
    """A row of lyrics, or one without; `once` is the row without its mark for repetition."""
    left = without_remarks(once)
    if any(c.isalnum() for c in left):
        parts = (Omitted(number, text, CHORDS if chord else REMARK) for text, chord in remarks_of(once))
        return Row(number, "line", left, repeats=repeats, omitted=tuple(parts))
    chords = bool(remarks_of(row)) and all(chord for _, chord in remarks_of(row))
    whole = Omitted(number, row, CHORDS if chords else REMARK)
    return Row(number, "nothing", omitted=(whole,) if any(c.isalnum() for c in row) else ())


def _heading(row: str, *, begins: bool, headed: bool) -> Heading | None:
    """The heading that a row is; bare words only where a paragraph begins, words of songs where others are headed."""
    found = heading(row)
    if found is None:
        whole = (
            len(row) > 1 and row[0] + row[-1] in ("[]", "{}") and unmarked(row) == row and not split_repeats(row)[1] > 1
        )
        return OTHER if begins and whole and any(c.isalpha() for c in row) else None
    if is_marked(row) and found.sure:
        return found
    return found if begins and (found.sure or headed) else None


def _has_headings(rows: Sequence[str]) -> bool:
    """Whether a sheet has headings that cannot be anything else."""
    return any((found := heading(row)) is not None and found.sure for row in rows)


def _verse_numbers(rows: Sequence[str]) -> Mapping[int, re.Match[str]]:
    """The rows that begin the verses of a sheet in which they are numbered from 1."""
    numbers: dict[int, re.Match[str]] = {}
    for i, row in enumerate(rows):
        match = _NUMBER.fullmatch(row) if i == 0 or not rows[i - 1] or heading(rows[i - 1]) else None
        # Neither "I walk alone" nor "1 more time" begins with a number.
        if match is not None and (match["rest"] is None or (row[match.end("digits")] in ".)" and match["digits"])):
            value = int(match["digits"]) if match["digits"] else _ROMAN.get(match["roman"], 0)
            if value == len(numbers) + 1:
                numbers[i] = match
    return numbers if len(numbers) > 1 else {}


def _numbered(number: int, row: str, match: re.Match[str]) -> Iterator[Row]:
    rest = match["rest"] or ""
    head = row[: len(row) - len(rest)].strip()
    verse = replace(OTHER, kind="verse")
    yield Row(number, "heading", head, heading=verse, omitted=(Omitted(number, head, NUMBER),))
    if rest:
        yield from _sorted(number, rest, begins=False, headed=False)
