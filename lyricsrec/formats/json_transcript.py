"""Transcripts in JSON: those of lyricsrec, and those of Whisper and the programs around it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Parsed, Source, finite, retimed_text
from lyricsrec.formats.text import timed_words
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_HINT = "JSON can be read from `transcribe -f json`, from Whisper, and of DALI entries."


def is_whisper(document: object) -> bool:
    """Whether a JSON document is a transcript in the form of Whisper: segments, with words in them."""
    return isinstance(document, dict) and isinstance(document.get("segments"), list)


def whisper_lines(document: dict[str, Any]) -> tuple[Line, ...]:
    """A line for each segment; without times of words, the first and last have the start and end of the segment.

    Raises ValueError for a segment or word without a text.
    """
    return tuple(line for segment in document["segments"] if (line := _line(segment)).words)


def _line(segment: object) -> Line:
    if not isinstance(segment, dict) or not isinstance(segment.get("text"), str):
        raise ValueError("a segment has no text")
    words = segment.get("words")
    if not isinstance(words, list) or not words:
        return Line(timed_words([segment["text"].strip()], [_seconds(segment, "start"), _seconds(segment, "end")]))
    pieces = [_text(word) for word in words]
    starts = [_seconds(word, "start") for word in words]
    return Line(_joined(pieces, starts, [_seconds(word, "end") for word in words]))


def _joined(pieces: list[str], starts: list[float | None], ends: list[float | None]) -> tuple[Word, ...]:
    """Joins the pieces of words: Whisper's own words begin with a space, other programs write no spaces at all."""
    spaced = any(piece[:1].isspace() for piece in pieces)
    words: list[Word] = []
    for piece, start_s, end_s in zip(pieces, starts, ends, strict=True):
        text = piece.strip()
        if words and spaced and text and not piece[0].isspace():
            words[-1] = Word(words[-1].text + text, words[-1].start_s, end_s)
        elif text:
            words.append(Word(text, start_s, end_s))
    return tuple(words)


def _text(word: object) -> str:
    found = word.get("word", word.get("text")) if isinstance(word, dict) else None
    if not isinstance(found, str):
        raise ValueError("a word has no text")
    return found


def _seconds(part: dict[str, Any], name: str) -> float | None:
    given = part.get(name)
    return float(given) if isinstance(given, (int, float)) and math.isfinite(given) else None


def _sniff(source: Source) -> bool:
    return source.text.lstrip().startswith("{")


def _parse(source: Source) -> Parsed:
    try:
        json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{source.name}: broken JSON ({error})", _HINT) from None
    try:
        transcript = Transcript.from_json(source.text)
        lines = tuple(Line(tuple(_checked(word) for word in line.words)) for line in transcript.lines)
    except ValueError as error:
        raise DataError(f"{source.name}: {error}", _HINT) from None
    return Parsed(lines, _language(transcript.provenance.language))


def _write(transcript: Transcript) -> str:
    return transcript.to_json() + "\n"


def _retime(text: str, _name: str, retiming: Retiming) -> str:
    transcript = Transcript.from_json(text)
    return _write(replace(transcript, lines=retiming.lines(transcript.lines)))


def _sniff_whisper(source: Source) -> bool:
    return is_whisper(source.document)


def _parse_whisper(source: Source) -> Parsed:
    try:
        return Parsed(whisper_lines(source.document), _language(source.document.get("language")))
    except ValueError as error:
        raise DataError(f"{source.name}: {error}", _HINT) from None


def _checked(word: Word) -> Word:
    """A word with its text and times only. Raises ValueError where one of them has the wrong type."""
    if not isinstance(word.text, str):
        raise ValueError(f"a word has no text, but {word.text!r}")
    if not all(t is None or isinstance(t, (int, float)) for t in (word.start_s, word.end_s)):
        raise ValueError(f"a time of the word '{word.text}' is not a number")
    return finite(word)


def _language(label: object) -> str | None:
    return language_name(label) if isinstance(label, str) else None


JSON = Format(
    "json",
    (".json",),
    "everything, with confidences and provenance",
    sniff=_sniff,
    parse=_parse,
    write=_write,
    retime=retimed_text(_retime),
    media_type="application/json",
)
WHISPER = Format(
    "whisper",
    (".json",),
    "JSON of Whisper and the programs around it",
    sniff=_sniff_whisper,
    parse=_parse_whisper,
)
