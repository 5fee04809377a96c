"""Lines that translate the line before them: the same time, another language."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from lyricsrec.lyrics.transcript import Line

_SAME_S = 0.011
_MIN_PAIRS = 3
_MIN_SHARE = 0.6


def with_translations(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, with the role "translation" for those in another script that begin with the line before.

    In the same script they are translations where most lines of the song come in twos or more with different words.
    """
    groups = _groups(lines)
    several = [group for group in groups if len({lines[i].text.casefold() for i in group}) > 1]
    is_bilingual = len(several) >= max(_MIN_PAIRS, _MIN_SHARE * len(groups))
    marked = list(lines)
    for group in several:
        first = lines[group[0]]
        for i in group[1:]:
            other = lines[i].text.casefold() != first.text.casefold() and lines[i].singers == first.singers
            if other and (is_bilingual or _script(lines[i].text) != _script(first.text)):
                marked[i] = replace(lines[i], role="translation")
    return tuple(marked)


def _groups(lines: Sequence[Line]) -> list[list[int]]:
    """The numbers of lines that begin together."""
    groups: list[list[int]] = []
    begun_s = None
    for i, line in enumerate(lines):
        start_s = line.start_s
        if line.role is None and start_s is not None:
            if begun_s is not None and abs(start_s - begun_s) < _SAME_S:
                groups[-1].append(i)
            else:
                groups.append([i])
                begun_s = start_s
    return groups


def _script(text: str) -> str:
    """The script of most letters of a text; Japanese is that of any text with kana."""
    scripts = Counter(_script_of(c) for c in text if c.isalpha())
    if scripts["HIRAGANA"] or scripts["KATAKANA"]:
        return "KANA"
    return max(scripts, key=lambda script: scripts[script], default="")


@lru_cache(maxsize=1 << 12)
def _script_of(c: str) -> str:
    return unicodedata.name(c, "?").split()[0]
