"""Plain lyrics: one line of the song in each row, with headings and remarks in between."""

from __future__ import annotations

import re

from lyricsrec.formats.base import Format, Parsed, Source
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_REMARK = re.compile(r"\[[^\]]*\]|[♩♪♫♬]|^\s*[-–—]\s")
_PART = r"(?:pre-?|post-?)?(?:verse|chorus|bridge|intro|outro|refrain|hook|interlude|instrumental|solo|breakdown|coda)"
_HEADING = re.compile(
    rf"\(\s*(?:repeat\s+)?{_PART}\b[^)]*\)|(?:repeat\s+)?{_PART}(?:\s+[\dIVX]{{1,3}})?\s*:", re.IGNORECASE
)
_REPEATS = re.compile(
    r"(?:^|\s+|(?=[(\[]))(?P<open>[(\[])?\s*(?:[x×]\s*(?P<after>\d{1,2})|(?P<before>\d{1,2})\s*[x×])\s*(?(open)[)\]])$",
    re.IGNORECASE,
)
_MAX_REPEATS = 20


def plain_lines(text: str) -> tuple[Line, ...]:
    """The sung lines of plain lyrics, without times.

    Ignored are blank rows, headings and remarks in brackets ("[Chorus]", "[laughs]"), named parts ("Verse 2:",
    "(Instrumental)"), and rows without a letter or digit. Ad-libs in parentheses are sung. A row that ends in "(x2)",
    "x2" or "2x" is repeated that many times; such a mark on a row of its own is ambiguous and ignored.
    """
    lines: list[Line] = []
    for row in text.splitlines():
        once, repeats = split_repeats(row)
        if words := sung_part(once).split():
            lines += [Line(tuple(Word(word, None, None) for word in words))] * repeats
    return tuple(lines)


def split_repeats(row: str) -> tuple[str, int]:
    """A row without the mark for repetition at its end, and the number of times it is sung."""
    row = row.strip()
    if match := _REPEATS.search(row):
        repeats = int(match.group("after") or match.group("before"))
        if 1 <= repeats <= _MAX_REPEATS:
            return row[: match.start()].rstrip(), repeats
    return row, 1


def sung_part(row: str) -> str:
    """A row without remarks in brackets; empty for a heading, or if no letter or digit is left."""
    left = _REMARK.sub(" ", row).strip()
    if _HEADING.fullmatch(left) or not any(c.isalnum() for c in left):
        return ""
    return left


def _parse(source: Source) -> Parsed:
    return Parsed(plain_lines(source.text))


def _write(transcript: Transcript) -> str:
    return transcript.text + "\n" if transcript.lines else ""


TXT = Format("txt", (".txt",), "plain lyrics, one line a line", parse=_parse, write=_write)
