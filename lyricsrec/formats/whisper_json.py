"""Transcripts as Whisper and the programs around it write them in JSON: segments with times, and words in them."""

from __future__ import annotations

import math
from typing import Any

from lyricsrec.formats.sheet import timed_words
from lyricsrec.lyrics.transcript import Line, Word


def is_of_segments(document: object) -> bool:
    """Whether a JSON document is such a transcript."""
    return isinstance(document, dict) and isinstance(document.get("segments"), list)


def lines_of_segments(document: dict[str, Any]) -> tuple[Line, ...]:
    """A line for each segment, with the times of its words where they are given, else its own for the first and last.

    Raises ValueError where a segment has no text.
    """
    return tuple(line for segment in document["segments"] if (line := _line(segment)).words)


def _line(segment: object) -> Line:
    if not isinstance(segment, dict) or not isinstance(segment.get("text"), str):
        raise ValueError("a segment without a text")
    words = segment.get("words")
    if not isinstance(words, list) or not words:
        return Line(timed_words([segment["text"].strip()], [_seconds(segment, "start"), _seconds(segment, "end")]))
    pieces = [_text(word) for word in words]
    starts = [_seconds(word, "start") for word in words]
    return Line(_joined(pieces, starts, [_seconds(word, "end") for word in words]))


def _joined(pieces: list[str], starts: list[float | None], ends: list[float | None]) -> tuple[Word, ...]:
    """Whisper's own words begin with a space where they do not go on with the one before; others have none at all."""
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
        raise ValueError("a word without a text")
    return found


def _seconds(part: dict[str, Any], name: str) -> float | None:
    given = part.get(name)
    return float(given) if isinstance(given, (int, float)) and math.isfinite(given) else None
