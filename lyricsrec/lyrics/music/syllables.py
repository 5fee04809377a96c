"""The syllables of a word as it is sung: by pyphen's patterns of its language, else by its vowels."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from lyricsrec.lyrics.languages import language_code

if TYPE_CHECKING:
    from pyphen import Pyphen

_VOWELS = frozenset("aeiouyıøæœəаеёиоуыэюяіїєαεηιουω")
_PAIRS = re.compile(r"[bcfgkps][lr]|[dtw]r|[cgpstw]h|qu|s[cklmnpqtw]|kn|tw|ck", re.IGNORECASE)
"""Consonants that begin a syllable together."""

_SILENT_ENDING = regex.compile(r"[^aeiouy](?:e|es|ed)$")
_SILENT_PIECE = regex.compile(r"[^aeiouyAEIOUY]*e[sd]?(?:['’]\p{L}{1,2})?\W*$")
_SOUNDED = regex.compile(r"(?:[dt]ed|(?:[sxz]|ch|sh|[cg])es|[^aeiouylr]le)$|^(?:the|he|be|me|we|she)$")
_NOT = regex.compile(r"(?<=[dsDS])n['’]t\W*$|^n['’]t\W*$")
_WITH_SILENT_E = "en"
_ONE_IN_SPEECH = "ery"
_IDEOGRAM = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}][ゃゅょャュョぁぃぅぇぉァィゥェォーっッ]*|[^\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]+"
)


def syllables(word: str, language: str | None = None) -> tuple[str, ...]:
    """The parts of a word, one for each syllable; joined they are the word.

    `language` is an English name or a code, None for English. Signs without letters stay with the syllable before.
    """
    parts = [piece for run in _IDEOGRAM.findall(word) for piece in _of_run(run, language_code(language) or "en")]
    return tuple(_joined(parts)) or (word,)


def _of_run(run: str, code: str) -> Iterator[str]:
    """The syllables of a run of letters of one kind; ideograms and kana are one each."""
    if len(run) < 3 or not any(map(_is_vowel, run)):
        yield run
        return
    for part in regex.findall(r"[^-‐–—]+[-‐–—]*|[-‐–—]+", run):
        pieces = _english(part, _hyphenated(part, code)) if code == _WITH_SILENT_E else _hyphenated(part, code)
        # pyphen leaves out the places where a line should not end, as behind a single letter.
        for number, piece in enumerate(pieces):
            if number and piece.casefold().startswith(_ONE_IN_SPEECH):
                yield piece
            else:
                yield from _by_vowels(piece, has_silent_e=code == _WITH_SILENT_E)


def _english(word: str, pieces: tuple[str, ...]) -> tuple[str, ...]:
    """pyphen's pieces where a silent e has joined the one before, and n't follows a consonant."""
    *before, last = pieces
    if before and (_SILENT_PIECE.match(last) or before in (["y"], ["Y"])) and not _SOUNDED.search(_letters(word)):
        before[-1:] = []
        last = pieces[-2] + last
    if (found := _NOT.search(last)) is not None:
        return (*before, last[: found.start()], last[found.start() :])
    return (*before, last)


def _hyphenated(text: str, code: str) -> tuple[str, ...]:
    found = _patterns(code)
    if found is None or any(c in text for c in "=\u00ad"):
        return (text,)
    return tuple(found.inserted(text, "=").split("="))


@functools.cache
def _patterns(code: str) -> Pyphen | None:
    """pyphen's patterns of a language, None where it has none or is not installed."""
    try:
        import pyphen
    except ImportError:
        return None
    name = pyphen.language_fallback(code) or next(
        (each for each in sorted(pyphen.LANGUAGES) if each.startswith(f"{code}_")), None
    )
    name = "en_US" if code == "en" else name
    return pyphen.Pyphen(lang=name, left=1, right=1) if name is not None else None


def _by_vowels(text: str, *, has_silent_e: bool) -> Iterator[str]:
    """A piece split so that each part has one group of vowels."""
    plain = "".join(unicodedata.normalize("NFD", c)[0].casefold() for c in text)
    groups = [list(match.span()) for match in regex.finditer(rf"[{''.join(_VOWELS)}]+", plain)]
    if len(groups) > 1 and groups[0] == [0, 1] and plain[0] == "y":
        groups.pop(0)
    letters = _letters(plain)
    if has_silent_e and len(groups) > 1 and _SILENT_ENDING.search(letters) and not _SOUNDED.search(letters):
        groups.pop()
    first = 0
    for (_, end), (begin, _) in pairwise(groups):
        cut = begin - (begin - end > 0)
        if begin - end >= 2 and _PAIRS.fullmatch(plain[begin - 2 : begin]):
            cut = begin - 2
        yield text[first:cut]
        first = cut
    yield text[first:]


def _letters(text: str) -> str:
    """A word in lower case, without what follows an apostrophe and the signs around it."""
    return str(regex.sub(r"['’]\p{L}{0,2}\W*$|\W+$", "", text.casefold()))


def _joined(parts: list[str]) -> list[str]:
    """Parts without a vowel or an ideogram are joined with a neighbour, and so are `y` and what an apostrophe parts."""
    joined: list[str] = []
    for part in parts:
        is_part = _is_sung(part) or _NOT.fullmatch(part)
        if joined and (not is_part or not _is_sung(joined[-1]) or joined[-1][-1] in "'’" or joined[-1] in "yY"):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _is_sung(part: str) -> bool:
    return any(_is_vowel(c) or _is_ideogram(c) for c in part)


def _is_vowel(char: str) -> bool:
    return unicodedata.normalize("NFD", char)[0].casefold() in _VOWELS


def _is_ideogram(char: str) -> bool:
    return regex.match(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]", char) is not None
