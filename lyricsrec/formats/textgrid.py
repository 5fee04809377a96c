"""Lyrics from TextGrids, Praat's annotations, in the long and the short text form.

https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lyricsrec.base.errors import DataError
from lyricsrec.formats.labels import Label, label_words, stretches
from lyricsrec.lyrics.transcript import Line, Word

_NAMES_OF_WORDS = re.compile(r"\b(words?|lyrics?)\b", re.IGNORECASE)
_NAMES_OF_LINES = re.compile(r"\b(lines?|phrases?)\b", re.IGNORECASE)
_NAMES_OF_PARTS = re.compile(r"\b(phon|segment|syllable|letter)", re.IGNORECASE)


@dataclass(frozen=True)
class _Tier:
    name: str
    labels: tuple[Label, ...]

    @property
    def num_sung(self) -> int:
        return sum(bool(label.words) for label in self.labels)


def is_textgrid(text: str) -> bool:
    """Whether a text begins as Praat's text files do."""
    return text.lstrip("\ufeff \t\r\n").startswith("File type =")


def parse_textgrid(text: str, name: str) -> tuple[Line, ...]:
    """The lines of the tier of words: one called words or lyrics, else the one with the most intervals that are sung.

    A tier of lines or phrases says where lines begin; without one a line goes on until a silence. Raises DataError
    when it is no TextGrid.
    """
    tiers = [tier for tier in _read(text, name) if tier.num_sung]
    if not tiers:
        return ()
    lines = next((tier for tier in tiers if _NAMES_OF_LINES.search(tier.name)), None)
    words = _tier_of_words(tiers)
    if lines is None:
        return stretches(words.labels)
    if lines is words:
        return tuple(Line(label_words(label)) for label in lines.labels if label.words)
    return _in_lines(words, lines)


def _tier_of_words(tiers: Sequence[_Tier]) -> _Tier:
    named = [tier for tier in tiers if _NAMES_OF_WORDS.search(tier.name)]
    whole = [tier for tier in tiers if not _NAMES_OF_PARTS.search(tier.name)]
    return max(named or whole or tiers, key=lambda tier: tier.num_sung)


def _in_lines(words: _Tier, lines: _Tier) -> tuple[Line, ...]:
    """The words in the last line that begins before their middle."""
    starts = [label.start_s for label in lines.labels if label.words]
    found: dict[int, list[Word]] = {}
    for label in words.labels:
        middle_s = (label.start_s + (label.start_s if label.end_s is None else label.end_s)) / 2
        line = sum(start_s <= middle_s for start_s in starts)
        found.setdefault(line, []).extend(label_words(label))
    return tuple(Line(tuple(found[line])) for line in sorted(found) if found[line])


def _read(text: str, name: str) -> list[_Tier]:
    from praatio.utilities.constants import INTERVAL_TIER
    from praatio.utilities.errors import PraatioException
    from praatio.utilities.textgrid_io import parseTextgridStr

    try:
        # Without an end of line the last interval of the short form would be lost.
        grid = parseTextgridStr(text.lstrip("\ufeff \t\r\n").rstrip() + "\n", includeEmptyIntervals=True)
        return [
            _Tier(tier["name"], tuple(Label(float(start), float(end), label) for start, end, label in tier["entries"]))
            for tier in grid["tiers"]
            if tier["class"] == INTERVAL_TIER
        ]
    except (PraatioException, AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise DataError(f"{name}: not a TextGrid that can be read", "Save it from Praat as a text file.") from None
