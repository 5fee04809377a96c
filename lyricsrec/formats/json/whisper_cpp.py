"""The JSON of whisper.cpp: `whisper-cli -oj`, and with the times of tokens `-ojf`.

`offsets` are milliseconds, `timestamps` the same as a clock. A token's text begins with a space where a word does.
https://github.com/ggml-org/whisper.cpp, examples/cli
"""

from __future__ import annotations

import re

from lyricsrec.formats.base import Parsed
from lyricsrec.formats.json.pieces import Piece, has_items, json_format, language_of, line_of, lines_of, words_of
from lyricsrec.formats.json_value import Value
from lyricsrec.lyrics.transcript import Line

_SPECIAL = re.compile(r"\[_[A-Z]+_?\d*_?\]|<\|.*\|>")
_MILLISECOND_S = 0.001


def _sniff(document: object) -> bool:
    return has_items(document, "transcription")


def _read(value: Value) -> Parsed:
    segments = value.get("transcription").items()
    result = value.get("result")
    language = language_of(result.get("language")) if isinstance(result.raw, dict) else None
    pieces = [_piece(segment) for segment in segments]
    if len(pieces) > 1 and all(len(piece.text.split()) <= 1 for piece in pieces):
        # -ml 1 writes a segment for each word.
        return Parsed(lines_of(words_of(pieces)), language)
    lines = (_line(segment, piece) for segment, piece in zip(segments, pieces, strict=True))
    return Parsed(tuple(line for line in lines if line.words), language)


def _line(segment: Value, whole: Piece) -> Line:
    tokens = [_piece(token) for token in segment.get("tokens").items()]
    tokens = [token for token in tokens if not _SPECIAL.fullmatch(token.text.strip())]
    # Tokens can be parts of a character, which do not add up to the text.
    if "".join(token.text for token in tokens).strip() == whole.text.strip():
        return Line(words_of(tokens))
    return line_of(whole.text, whole.start_s, whole.end_s)


def _piece(value: Value) -> Piece:
    offsets = value.get("offsets")
    times = [
        None if offsets.raw is None else offsets.get(name).seconds(unit_s=_MILLISECOND_S) for name in ("from", "to")
    ]
    return Piece(value.get("text").text(), times[0], times[1])


WHISPER_CPP = json_format("whisper.cpp", "JSON of whisper.cpp, also with tokens", sniff=_sniff, read=_read)
