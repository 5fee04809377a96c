"""Rows of text with times inside, as karaoke formats have them, and the spaces between their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from lyricsrec.formats.sheet.row_text import split_repeats, sung_part
from lyricsrec.lyrics.transcript import Word

ROW_END = "\ue000"
"""Stands for the end of a row in pieces of text; a character for private use, which is in no lyrics."""

# Han, kana, bopomofo, their punctuation, and full-width forms.
_UNSPACED = re.compile(
    "[\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff9f\U00020000-\U0003ffff]"
)


def written_together(before: str, after: str) -> bool:
    """Whether two words are written without a space between them: Chinese and Japanese."""
    return _UNSPACED.match(before[-1:]) is not None and _UNSPACED.match(after[:1]) is not None


def joined(texts: Sequence[str]) -> str:
    """Words as they are written: with a space between two of them, but for Chinese and Japanese."""
    return "".join(f"{text}{space_between(text, after)}" for text, after in pairwise([*texts, ""]))


def space_between(before: str, after: str) -> str:
    """What is written between two words; nothing after the last, where `after` is empty."""
    return " " if after and not written_together(before, after) else ""


def timed_words(pieces: Sequence[str], seconds: Sequence[float | None]) -> tuple[Word, ...]:
    """The words of consecutive pieces of text.

    `seconds` are the starts of the pieces and the end of the last one. The first word of a piece gets its start, the
    last its end. A piece that follows without a space continues the last word of the piece before, unless both are
    Chinese or Japanese: there each piece is a word, so that a time for each character is kept.
    """
    words: list[Word] = []
    unfinished = False
    for piece, (start_s, end_s) in zip(pieces, pairwise(seconds), strict=True):
        parts = piece.split()
        if not parts:
            unfinished = unfinished and not piece
            continue
        if unfinished and not piece[0].isspace() and _continues(words[-1].text, parts[0]):
            words[-1] = replace(words[-1], text=words[-1].text + parts.pop(0), end_s=None)
            words += [Word(part, None, None) for part in parts]
        else:
            words += [Word(part, None if i else start_s, None) for i, part in enumerate(parts)]
        words[-1] = replace(words[-1], end_s=end_s)
        unfinished = not piece[-1].isspace()
    return tuple(words)


def _continues(word: str, part: str) -> bool:
    """Whether a part that follows without a space belongs to the word; punctuation always does."""
    return not (written_together(word, part) and _has_letter(word) and _has_letter(part))


def _has_letter(text: str) -> bool:
    return any(c.isalnum() for c in text)


def timed_rows(pieces: Sequence[str], seconds: Sequence[float | None]) -> list[tuple[Word, ...]]:
    """The words of each row, as `timed_words` finds them; rows end at `ROW_END` and are not empty."""
    rows: list[list[Word]] = [[]]
    start_s = None
    for word in timed_words([piece.replace(ROW_END, f" {ROW_END} ") for piece in pieces], seconds):
        if word.text != ROW_END:
            rows[-1].append(word if word.start_s is not None else replace(word, start_s=start_s))
            start_s = None
            continue
        start_s = word.start_s if word.start_s is not None else start_s
        if word.end_s is not None and rows[-1] and rows[-1][-1].end_s is None:
            rows[-1][-1] = replace(rows[-1][-1], end_s=word.end_s)
        rows.append([])
    return [tuple(row) for row in rows if row]


def shown_rows(text: str, start_s: float | None, end_s: float | None) -> list[tuple[Word, ...]]:
    """The words of rows that are shown together, without times inside, and without remarks, as in plain lyrics.

    Rows end at `ROW_END`; the first one has the start, the last one the end.
    """
    rows = [split_repeats(row) for row in text.split(ROW_END)]
    sung = [" ".join([sung_part(once)] * repeats) for once, repeats in rows]
    return timed_rows([ROW_END.join(row for row in sung if row)], [start_s, end_s])
