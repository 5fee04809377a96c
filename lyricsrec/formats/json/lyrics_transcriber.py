"""The JSON of lyrics-transcriber and karaoke-gen: corrected segments, with words that have a start and an end.

https://github.com/nomadkaraoke/python-lyrics-transcriber
"""

from __future__ import annotations

from lyricsrec.formats.base import Parsed
from lyricsrec.formats.json.pieces import Piece, has_items, json_format, line_of, words_of
from lyricsrec.formats.json_value import Value
from lyricsrec.lyrics.transcript import Line

_SEGMENTS = ("corrected_segments", "segments", "original_segments")


def _sniff(document: object) -> bool:
    if has_items(document, "corrected_segments"):
        return True
    segments = document.get("segments") if isinstance(document, dict) else None
    return isinstance(segments, list) and any(isinstance(item, dict) and "start_time" in item for item in segments)


def _read(value: Value) -> Parsed:
    lines = (_line(segment) for segment in value.get(*_SEGMENTS).items())
    return Parsed(tuple(line for line in lines if line.words))


def _line(segment: Value) -> Line:
    words = segment.get("words").items()
    if words:
        return Line(words_of([_piece(word) for word in words]))
    piece = _piece(segment)
    return line_of(piece.text, piece.start_s, piece.end_s)


def _piece(value: Value) -> Piece:
    return Piece(value.get("text").text(), value.get("start_time").seconds(), value.get("end_time").seconds())


LYRICS_TRANSCRIBER = json_format(
    "lyrics-transcriber", "JSON of lyrics-transcriber and karaoke-gen", sniff=_sniff, read=_read
)
