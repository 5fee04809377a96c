"""Pieces of text with times, as recognisers write them, joined into words and lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Parsed, Source, Times
from lyricsrec.formats.json_value import Value
from lyricsrec.formats.timed_text import timed_words
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.lines import LineConfig, break_lines
from lyricsrec.lyrics.transcript import Line, Word

HINT = (
    "JSON can be read from `transcribe -f json`, Whisper and the programs around it, OpenAI, Hugging Face pipelines, "
    "aeneas, gentle, lyrics-transcriber, LRCLIB, and of DALI entries."
)


@dataclass(frozen=True)
class Piece:
    """A piece of text: a word, a part of one, or a line; times in seconds, None if unknown."""

    text: str
    start_s: float | None
    end_s: float | None


def line_of(text: str, start_s: float | None, end_s: float | None) -> Line:
    """A line without times of words: the first word has its start, the last its end."""
    return Line(timed_words([text.strip()], [start_s, end_s]))


def words_of(pieces: Sequence[Piece]) -> tuple[Word, ...]:
    """The words of consecutive pieces.

    Where any piece begins or ends with a space, those without one continue the word before; else each is a word.
    """
    spaced = any(piece.text[:1].isspace() or piece.text[-1:].isspace() for piece in pieces)
    words: list[Word] = []
    apart = True
    for piece in pieces:
        text = piece.text.strip()
        if text and words and spaced and not apart and not piece.text[0].isspace():
            words[-1] = Word(words[-1].text + text, words[-1].start_s, piece.end_s)
        elif text:
            words += _timed(text, piece)
        apart = piece.text[-1:].isspace() or (apart and not text) or (not text and bool(piece.text))
    return tuple(words)


def _timed(text: str, piece: Piece) -> tuple[Word, ...]:
    return timed_words([text], [piece.start_s, piece.end_s])


def lines_of(words: Sequence[Word]) -> tuple[Line, ...]:
    """Words of a song without lines, broken at pauses and sentences, as `transcribe` does."""
    return break_lines(words, LineConfig())


def lines_spelled(texts: Sequence[tuple[str, float | None]], words: Sequence[Word]) -> tuple[Line, ...]:
    """Lines, given by their text and end in seconds, with the times of a list of words of the whole song.

    Where a line has the same words as the list, but for case and punctuation, they are spelled as in the line.
    """
    lines: list[Line] = []
    done = 0
    for number, (text, end_s) in enumerate(texts):
        spelled = text.split()
        count = len(spelled) if _same(spelled, words[done : done + len(spelled)]) else None
        if count is None:
            is_last = number == len(texts) - 1
            count = len(words) - done if is_last or end_s is None else _num_before(words[done:], end_s)
            found = tuple(words[done : done + count])
        else:
            pairs = zip(words[done : done + count], spelled, strict=True)
            found = tuple(replace(word, text=text) for word, text in pairs)
        lines.append(Line(found))
        done += count
    if done < len(words):
        lines += lines_of(words[done:])
    return tuple(line for line in lines if line.words)


def _same(spelled: Sequence[str], words: Sequence[Word]) -> bool:
    return [_bare(text) for text in spelled] == [_bare(word.text) for word in words]


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", text).casefold() if c.isalnum())


def _num_before(words: Sequence[Word], end_s: float) -> int:
    """How many words have the middle before a time; words without times go with the word before."""
    for number, word in enumerate(words):
        times = [t for t in (word.start_s, word.end_s) if t is not None]
        if times and sum(times) / len(times) >= end_s:
            return number
    return len(words)


def language_of(value: Value) -> str | None:
    """The English name of a language in a document; None if it is missing or not a text."""
    return language_name(value.raw) if isinstance(value.raw, str) else None


def has_items(document: object, *names: str) -> bool:
    """Whether a document is an object in which one of these fields is a list."""
    return isinstance(document, dict) and any(isinstance(document.get(name), list) for name in names)


def json_format(
    name: str,
    description: str,
    *,
    sniff: Callable[[object], bool],
    read: Callable[[Value], Parsed],
    times: Times = "words",
) -> Format:
    """A format of JSON that is only read: recognised by the keys of the document, `read` raises ValueError."""

    def parse(source: Source) -> Parsed:
        try:
            return read(Value(source.document))
        except ValueError as error:
            raise DataError(f"{source.name}: {error}", HINT) from None

    return Format(name, (".json",), description, sniff=lambda source: sniff(source.document), parse=parse, times=times)
