"""The JSON of forced aligners: aeneas and gentle.

aeneas writes fragments with lines of text, times as texts of seconds, and in its multilevel form fragments inside
fragments (paragraphs, sentences, words; https://www.readbeyond.it/aeneas/docs/syncmap.html). gentle writes the words of
a transcript with their places in it (https://github.com/lowerquality/gentle).
"""

from __future__ import annotations

import re
from itertools import groupby

from lyricsrec.formats.base import Parsed
from lyricsrec.formats.json.pieces import Piece, has_items, json_format, language_of, line_of, lines_of
from lyricsrec.formats.json_value import Value
from lyricsrec.lyrics.transcript import Line, Word

_SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,9})?")


def _sniff_aeneas(document: object) -> bool:
    return has_items(document, "fragments")


def _read_aeneas(value: Value) -> Parsed:
    fragments = value.get("fragments").items()
    first = next((fragment.get("language") for fragment in fragments), Value(None))
    lines = [line for fragment in fragments for line in _fragment_lines(fragment)]
    return Parsed(tuple(lines), language_of(first))


def _fragment_lines(fragment: Value) -> list[Line]:
    """The lines of a fragment: fragments of single words inside one make a line."""
    children = fragment.get("children").items()
    if not children:
        piece = _fragment_piece(fragment)
        line = line_of(piece.text, piece.start_s, piece.end_s)
        return [line] if line.words else []
    pieces = [_fragment_piece(child) for child in children if not child.get("children").items()]
    if len(pieces) == len(children) and all(len(piece.text.split()) <= 1 for piece in pieces):
        words = tuple(Word(piece.text.strip(), piece.start_s, piece.end_s) for piece in pieces if piece.text.strip())
        return [Line(words)] if words else []
    return [line for child in children for line in _fragment_lines(child)]


def _fragment_piece(fragment: Value) -> Piece:
    text = " ".join(line.text() for line in fragment.get("lines").items())
    return Piece(text, _fragment_seconds(fragment.get("begin")), _fragment_seconds(fragment.get("end")))


def _fragment_seconds(value: Value) -> float | None:
    if isinstance(value.raw, str) and _SECONDS.fullmatch(value.raw):
        return float(value.raw)
    return value.seconds()


def _sniff_gentle(document: object) -> bool:
    if not has_items(document, "words") or not isinstance(document, dict):
        return False
    return all(isinstance(word, dict) and "case" in word for word in document["words"]) and bool(document["words"])


def _read_gentle(value: Value) -> Parsed:
    words = [word for word in value.get("words").items() if word.get("case").raw != "not-found-in-transcript"]
    transcript = value.get("transcript").raw
    if not isinstance(transcript, str):
        return Parsed(lines_of([_gentle_word(word) for word in words]))
    spans = [match.span() for match in re.finditer(r"\S+", transcript)]
    placed = [(_span(word, spans), word) for word in words]
    lines: dict[int, list[Word]] = {}
    for span, parts in groupby(placed, key=lambda pair: pair[0]):
        timed = [_gentle_word(word) for _, word in parts]
        if span is None:
            lines.setdefault(max(lines, default=0), []).extend(timed)
        else:
            # With its punctuation; gentle splits words at hyphens.
            text = transcript[span[0] : span[1]]
            word = Word(text, timed[0].start_s, timed[-1].end_s)
            lines.setdefault(transcript.count("\n", 0, span[0]), []).append(word)
    return Parsed(tuple(Line(tuple(lines[number])) for number in sorted(lines)))


def _span(word: Value, spans: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The word of the transcript, with punctuation, that a word of gentle is in."""
    offset = word.get("startOffset").raw
    if not isinstance(offset, int):
        return None
    return next((span for span in spans if span[0] <= offset < span[1]), None)


def _gentle_word(word: Value) -> Word:
    return Word(word.get("word").text(), word.get("start").seconds(), word.get("end").seconds())


AENEAS = json_format("aeneas", "JSON of aeneas (fragments)", sniff=_sniff_aeneas, read=_read_aeneas)
GENTLE = json_format("gentle", "JSON of gentle (words of a transcript)", sniff=_sniff_gentle, read=_read_gentle)
