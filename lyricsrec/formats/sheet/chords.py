"""Chords and tablature in sheets of lyrics: rows of chords over the words, chords between brackets, tablature."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ROOT = r"[A-H](?:#|b|♯|♭)?"
_QUALITY = r"(?:maj|min|mi|ma|dim|aug|sus|add|no|m|M|[°øØ+\-Δ^])?"
_ALTERED = r"(?:(?:maj|sus|add|dim|aug|omit|no|[b#♭♯/(),+\-])*(?:2|4|5|6|7|9|11|13)?[)]?)"
_CHORD = re.compile(rf"\(?{_ROOT}{_QUALITY}(?:{_ALTERED}){{0,4}}(?:/{_ROOT})?[*,]?\)?")
_PLAIN = re.compile(r"[A-H]|Am|Hm|Ad|Add|Be|Do")
"""Chords that are words or letters, too: a row of nothing else may be sung."""
_BETWEEN = re.compile(
    r"[|:/\\.,\-–—~%()\[\]x×*>]+|\(?(?:[x×]\d{1,2}|\d{1,2}[x×])\)?|N\.?C\.?|\|{0,2}:?\d{1,2}[.:]?\|?", re.IGNORECASE
)
_TABLATURE = re.compile(r"\s?(?:[eEBbGgDdAa]#?\s?)?[|:]{1,2}[-–—\d|hpbrsvx/\\~()*<>^=.: ]{6,}")
_INLINE = re.compile(rf"\[{_ROOT}[^\]\[\s]{{0,10}}\]")
_WIDE = re.compile(r"\S {2,}\S|\t")
_LONGEST = 400
_LONGEST_CHORD = 14


def is_tablature(row: str) -> bool:
    """Whether a row is a string of a tablature: "e|--3--0--|"."""
    text = row.strip()
    return bool(_TABLATURE.fullmatch(text)) and text.count("-") >= 3


def rows_of_chords(rows: Sequence[str]) -> frozenset[int]:
    """The numbers of the rows that hold chords and nothing to sing.

    A row that letters or words could be ("A B C", "Am") counts only with wide gaps between its chords, or in a sheet
    that has other rows of chords.
    """
    chords = {number: sure for number, row in enumerate(rows) if (sure := _chords(row)) is not None}
    if not any(chords.values()):
        return frozenset()
    return frozenset(chords)


def is_chord(text: str) -> bool:
    """Whether a text is a chord in brackets: "[Am7]"."""
    return len(text) <= _LONGEST_CHORD and text[:1] == "[" and _CHORD.fullmatch(text[1:-1]) is not None


def without_chords(row: str) -> str:
    """A row without the chords between its syllables: "a[C]way" is "away"."""
    if "[" not in row:
        return row
    return _INLINE.sub(lambda match: "" if is_chord(match.group()) else match.group(), row)


def _chords(row: str) -> bool | None:
    """Whether a row is one of chords for certain; None for a row that is not."""
    if len(row) > _LONGEST:
        return None
    tokens = [part for token in row.split() if not _BETWEEN.fullmatch(token) for part in _parts(token)]
    if not tokens or not all(map(_CHORD.fullmatch, tokens)):
        return None
    return any(not _PLAIN.fullmatch(token) for token in tokens) or bool(_WIDE.search(row))


def _parts(token: str) -> list[str]:
    """The chords of a token: "G-D" and "|G|D|" have two."""
    return [token] if _CHORD.fullmatch(token) else [part for part in re.split(r"[|\-–—]+", token) if part]
