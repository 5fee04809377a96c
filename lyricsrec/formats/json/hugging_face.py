"""The JSON of pipelines of transformers: chunks of text with a start and an end.

A chunk is a phrase, with `return_timestamps="word"` a word, with `"char"` a character. The end of the last one can be
null. https://huggingface.co/docs/transformers/main_classes/pipelines
"""

from __future__ import annotations

from lyricsrec.formats.base import Parsed
from lyricsrec.formats.json.pieces import Piece, has_items, json_format, language_of, line_of, lines_of, words_of
from lyricsrec.formats.json_value import Value


def _sniff(document: object) -> bool:
    return has_items(_only(document), "chunks")


def _only(document: object) -> object:
    """The result for one song, also in a list of one."""
    return document[0] if isinstance(document, list) and len(document) == 1 else document


def _read(value: Value) -> Parsed:
    value = value.items()[0] if isinstance(value.raw, list) else value
    language = language_of(value.get("language"))
    pieces = [_piece(chunk) for chunk in value.get("chunks").items()]
    if len(pieces) > 1 and all(len(piece.text.split()) <= 1 for piece in pieces):
        return Parsed(lines_of(words_of(pieces)), language)
    lines = (line_of(piece.text, piece.start_s, piece.end_s) for piece in pieces)
    return Parsed(tuple(line for line in lines if line.words), language)


def _piece(chunk: Value) -> Piece:
    times = [time.seconds() for time in chunk.get("timestamp", "timestamps").items()]
    start_s, end_s = (*times, None, None)[:2]
    return Piece(chunk.get("text").text(), start_s, end_s)


HUGGING_FACE = json_format("huggingface", "JSON of Hugging Face pipelines (chunks)", sniff=_sniff, read=_read)
