"""Transcripts in the JSON of lyricsrec."""

from __future__ import annotations

import re
from dataclasses import replace

from lyricsrec.base.errors import DataError
from lyricsrec.base.reading.json_text import is_finite, load_json
from lyricsrec.formats.base import Format, Parsed, Source, finite, retimed_text
from lyricsrec.formats.json.pieces import HINT
from lyricsrec.formats.json_value import Value
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import SCHEMA, Transcript

_LOOKS_LIKE_JSON = re.compile(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*\{\s*")')
_NUM_SHOWN_KEYS = 6


def _sniff(source: Source) -> bool:
    return source.document is not None or _LOOKS_LIKE_JSON.match(source.text) is not None


def _parse(source: Source) -> Parsed:
    try:
        transcript = read_transcript(source.text)
    except ValueError as error:
        raise DataError(f"{source.name}: {error}", HINT) from None
    lines = tuple(
        replace(line, words=tuple(finite(word) for word in line.words), placement=None) for line in transcript.lines
    )
    return Parsed(lines, language_name(transcript.provenance.language))


def read_transcript(text: str) -> Transcript:
    """A transcript in JSON; one of unknown length, where its length is not a number, has the length 0.

    Raises ValueError for JSON of another program, and for a field of the wrong type, by its place.
    """
    document = load_json(text)
    _check(Value(document))
    if not is_finite(document.get("duration_s")):
        document["duration_s"] = 0.0
    return Transcript.from_document(document)


def _check(value: Value) -> None:
    """Raises ValueError for JSON of another program, and for a field of the wrong type, by its place."""
    if not isinstance(value.raw, dict) or "schema" not in value.raw:
        raise ValueError(f"JSON of an unknown program ({_described(value)})")
    if value.raw["schema"] != SCHEMA:
        raise ValueError(f"not a lyricsrec transcript of schema {SCHEMA}")
    value.get("song").text()
    for line in value.get("lines").items():
        for word in line.get("words").items():
            word.get("text").text()
            word.get("start_s").seconds()
            word.get("end_s").seconds()
    language = value.get("provenance").get("language")
    if language.raw is not None:
        language.text()


def _described(value: Value) -> str:
    if not isinstance(value.raw, dict):
        return "a list" if isinstance(value.raw, list) else "neither an object nor a list"
    names = [name[:24] for name in value.raw]
    more = ", ..." if len(names) > _NUM_SHOWN_KEYS else ""
    return f"its fields: {', '.join(names[:_NUM_SHOWN_KEYS])}{more}" if names else "no fields"


def _write(transcript: Transcript) -> str:
    return transcript.to_json() + "\n"


def _retime(text: str, _name: str, retiming: Retiming) -> str:
    transcript = read_transcript(text)
    lines, sections = retiming.lines(transcript.lines), retiming.sections(transcript.sections)
    melody = transcript.melody
    # The notes were found within the old times; the pitch of the voice stays as it is.
    kept = replace(melody, notes=()) if melody is not None else None
    return _write(replace(transcript, lines=lines, sections=sections, melody=kept))


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
