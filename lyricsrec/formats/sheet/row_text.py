"""What is sung in a row of text: without headings, remarks in brackets, chords, and marks for repetition."""

from __future__ import annotations

import re

from lyricsrec.formats.sheet.chords import is_chord, without_chords
from lyricsrec.formats.sheet.headings import MAX_REPEATS, heading

# A marked bracket (`formats.marked_words`) is a word's own.
_BRACKETS = re.compile(r"\[(?!\u034f)[^\[\]]*\]|\{(?!\u034f)[^{}]*\}")
_NOTES = re.compile(r"[♩♪♫♬]")
_DASH = re.compile(r"\s*[-–—]\s")
_REPEATS = re.compile(
    r"(?:^|(?<=\s)|(?=[(\[]))(?P<open>[(\[])? ?(?:[x×] ?(?P<after>\d{1,2})|(?P<before>\d{1,2}) ?[x×]) ?(?(open)[)\]])$",
    re.IGNORECASE,
)
_BIS = {"(bis)": 2, "[bis]": 2, "(ter)": 3, "[ter]": 3}
"""Marks for repetition in French, Spanish and Italian."""
_LONGEST_MARK = 10
_DEPTH = 3


def split_repeats(row: str) -> tuple[str, int]:
    """A row without the mark for repetition at its end ("x2"), and the number of times it is sung."""
    row = row.strip()
    if repeats := _BIS.get(row[-5:].lower()):
        return row[:-5].rstrip(), repeats
    start = max(len(row) - _LONGEST_MARK, 0)
    if match := _REPEATS.search(row, start):
        repeats = int(match["after"] or match["before"])
        if 1 <= repeats <= MAX_REPEATS:
            return row[: match.start()].rstrip(), repeats
    return row, 1


def sung_part(row: str) -> str:
    """A row without remarks in brackets; empty for a heading, or if no letter or digit is left."""
    if (found := heading(row)) is not None and (found.sure and is_marked(row)):
        return ""
    left = without_remarks(row)
    return left if any(c.isalnum() for c in left) else ""


def remarks_of(row: str) -> list[tuple[str, bool]]:
    """The chords and remarks that `without_remarks` takes from a row, and whether each is a chord."""
    return [(text, is_chord(text)) for text in _BRACKETS.findall(row)]


def without_remarks(row: str) -> str:
    """A row without chords, remarks in brackets or braces, notes, and the dash before what a voice says."""
    row = without_chords(row)
    for _ in range(_DEPTH):
        row, num_found = _BRACKETS.subn(" ", row)
        if not num_found:
            break
    row = _NOTES.sub(" ", row)
    if match := _DASH.match(row):
        row = row[match.end() :]
    return row.strip()


def is_marked(row: str) -> bool:
    """Whether a heading has brackets or a colon: "Outro" by itself may be sung."""
    return any(c in "()[]{}:（）【】" for c in row) or row.strip().casefold().startswith("repeat ")
