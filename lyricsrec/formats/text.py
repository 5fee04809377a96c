"""Plain lyrics: one line of the song in each row, with headings and remarks in between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

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


def timed_words(pieces: Sequence[str], seconds: Sequence[float | None]) -> tuple[Word, ...]:
    """The words of consecutive pieces of text.

    `seconds` are the starts of the pieces and the end of the last one. The first word of a piece gets its start, the
    last its end. A piece that follows without a space continues the last word of the piece before.
    """
    words: list[Word] = []
    unfinished = False
    for piece, (start_s, end_s) in zip(pieces, pairwise(seconds), strict=True):
        parts = piece.split()
        if not parts:
            unfinished = unfinished and not piece
            continue
        if unfinished and not piece[0].isspace():
            words[-1] = replace(words[-1], text=words[-1].text + parts.pop(0), end_s=None)
            words += [Word(part, None, None) for part in parts]
        else:
            words += [Word(part, None if i else start_s, None) for i, part in enumerate(parts)]
        words[-1] = replace(words[-1], end_s=end_s)
        unfinished = not piece[-1].isspace()
    return tuple(words)


def _parse(source: Source) -> Parsed:
    return Parsed(plain_lines(source.text))


def _write(transcript: Transcript) -> str:
    return transcript.text + "\n" if transcript.lines else ""


TXT = Format("txt", (".txt",), "plain lyrics, one line a line", parse=_parse, write=_write)
