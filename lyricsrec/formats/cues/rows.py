"""The text of a cue: rows of words, with the times, voices and highlighting that its markup gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from html import unescape

from lyricsrec.formats.cues.timing_rows import seconds_of
from lyricsrec.formats.sheet.row_text import split_repeats, sung_part
from lyricsrec.formats.timed_text import timed_words
from lyricsrec.lyrics.transcript import Word
from lyricsrec.lyrics.voices import singers_named

WORD_TIME = re.compile(r"<((?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{1,3})>")
"""The time of the text that follows, inside a cue."""

_ROW_END = re.compile(r"\n|\\N|(?i:<br\s*/?>)")
# The reading of Chinese characters, beside them in ruby, and the brackets for players without ruby.
_READING = re.compile(r"<(rt|rp)\b[^<>]*>.*?(?:</\1>|(?=<rt\b|<rp\b|</ruby>|$))", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}|\{/?[biuyBIUY](?::[^{}]*)?\}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]+)>")
_HIGHLIGHT = re.compile(r"</?(?:u|b|i|font|c|em|strong|span)\b[^<>]*>", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")
_SPEAKER_MARK = re.compile(r"^\s*(?:>>+|[-–—](?=[^\W\d_]))\s*")


@dataclass(frozen=True)
class Row:
    """A row of a cue that has lyrics.

    `words` have only the times that stand inside the text. `marked` are the words that are highlighted.
    """

    words: tuple[Word, ...]
    marked: frozenset[int] = frozenset()
    _: KW_ONLY
    singers: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The words, for comparison."""
        return tuple(word.text.casefold() for word in self.words)

    @property
    def has_times(self) -> bool:
        """Whether times stand inside the text."""
        return any(word.start_s is not None for word in self.words)


def rows_of(text: str) -> Iterator[Row]:
    """The rows with lyrics in the text of a cue."""
    singers: tuple[str, ...] = ()
    for row in _ROW_END.split(_READING.sub("", text)):
        if voice := _VOICE.search(row):
            singers = singers_named(unescape(voice.group(1)))
        words, marked = _words(row)
        if words:
            yield Row(words, marked, singers=singers)


def _words(row: str) -> tuple[tuple[Word, ...], frozenset[int]]:
    pieces = WORD_TIME.split(row)
    seconds = [None, *map(seconds_of, pieces[1::2]), None]
    texts = [_plain(piece) for piece in pieces[::2]]
    texts[0] = _SPEAKER_MARK.sub("", texts[0])
    if not sung_part(" ".join(texts)):
        return (), frozenset()
    if len(texts) > 1:
        return timed_words(texts, seconds), frozenset()
    once, repeats = split_repeats(texts[0])
    words = timed_words([" ".join([sung_part(once)] * repeats)], seconds)
    return words, _marked(row, words)


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", unescape(_TAG.sub("", text)))


def _marked(row: str, words: Sequence[Word]) -> frozenset[int]:
    """The words inside tags; none if the words are not those of the whole row."""
    marks: list[bool] = []
    depth, position = 0, 0
    for tag in [*_HIGHLIGHT.finditer(row), None]:
        end = len(row) if tag is None else tag.start()
        marks += [depth > 0] * len(_plain(row[position:end]).split())
        if tag is not None:
            depth = max(depth + (-1 if tag.group().startswith("</") else 1), 0)
            position = tag.end()
    return frozenset(number for number, mark in enumerate(marks) if mark and len(marks) == len(words))


def with_bounds(words: Sequence[Word], start_s: float | None, end_s: float | None) -> tuple[Word, ...]:
    """The words, the first with a start and the last with an end where they have none."""
    bounded = list(words)
    if bounded[0].start_s is None:
        bounded[0] = replace(bounded[0], start_s=start_s)
    if bounded[-1].end_s is None:
        bounded[-1] = replace(bounded[-1], end_s=end_s)
    return tuple(bounded)
