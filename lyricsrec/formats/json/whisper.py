"""The JSON of Whisper and the programs around it: segments, with words in them.

openai-whisper, whisper-timestamped, WhisperX, stable-ts, whisper-ctranslate2, and lists of faster-whisper's segments.
OpenAI's interface lists the words beside the segments, or without any (`verbose_json`,
https://platform.openai.com/docs/api-reference/audio/verbose-json-object).
"""

from __future__ import annotations

from dataclasses import replace

from lyricsrec.formats.base import Parsed
from lyricsrec.formats.json.pieces import (
    Piece,
    has_items,
    json_format,
    language_of,
    line_of,
    lines_of,
    lines_spelled,
    words_of,
)
from lyricsrec.formats.json_value import Value
from lyricsrec.lyrics.transcript import Line


def _sniff(document: object) -> bool:
    if isinstance(document, list):
        return bool(document) and all(isinstance(item, dict) and {"text", "start"} <= set(item) for item in document)
    return has_items(document, "segments") or _original(document) is not None


def _original(document: object) -> object:
    """The transcript that stable-ts keeps beside its own segments, where those are missing."""
    original = document.get("ori_dict") if isinstance(document, dict) else None
    return original if has_items(original, "segments") else None


def _read(value: Value) -> Parsed:
    if isinstance(value.raw, list):
        return Parsed(_lines(value.items()))
    if not has_items(value.raw, "segments"):
        value = value.get("ori_dict")
    return Parsed(_lines(value.get("segments").items()), language_of(value.get("language")))


def _lines(segments: list[Value]) -> tuple[Line, ...]:
    """A line for each segment that has words; without times of words, its ends have the times of the segment."""
    return tuple(line for segment in segments if (line := _line(segment)).words)


def _line(segment: Value) -> Line:
    words = segment.get("words").items()
    piece = _piece(segment, "text") if not words else None
    line = (
        Line(words_of([_piece(word, "word", "text") for word in words]))
        if piece is None
        else line_of(piece.text, piece.start_s, piece.end_s)
    )
    # WhisperX names speakers.
    speaker = segment.get("speaker").raw
    return replace(line, singers=(speaker,)) if isinstance(speaker, str) and speaker.strip() else line


def _piece(value: Value, *names: str) -> Piece:
    # WhisperX gives words that it cannot align no times, or NaN.
    times = [value.get(name).seconds(nan_is_missing=True) for name in ("start", "end")]
    return Piece(value.get(*names).text(), times[0], times[1])


def _sniff_words_apart(document: object) -> bool:
    """Whether words stand beside the segments, and not in them."""
    if not isinstance(document, dict) or not has_items(document, "words", "word_segments"):
        return False
    words = document.get("words") or document.get("word_segments")
    segments = document.get("segments")
    inside = isinstance(segments, list) and any(isinstance(item, dict) and item.get("words") for item in segments)
    return not inside and isinstance(words, list) and all(isinstance(item, dict) and "word" in item for item in words)


def _read_words_apart(value: Value) -> Parsed:
    words = words_of([_piece(word, "word") for word in value.get("words", "word_segments").items()])
    segments = [_piece(segment, "text") for segment in value.get("segments").items()]
    lines = lines_spelled([(piece.text, piece.end_s) for piece in segments], words) if segments else lines_of(words)
    return Parsed(lines, language_of(value.get("language")))


WHISPER = json_format("whisper", "JSON of Whisper and the programs around it", sniff=_sniff, read=_read)
OPENAI = json_format(
    "openai", "JSON of OpenAI's interface, words apart", sniff=_sniff_words_apart, read=_read_words_apart
)
