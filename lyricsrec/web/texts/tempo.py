"""Lyrics for a song that is played faster or slower."""

from __future__ import annotations

import json
from typing import Any

from lyricsrec.lyrics.transcript import Transcript


def at_tempo(transcript: Transcript, tempo: int) -> Transcript:
    """A transcript with the times that it has at another tempo, in percent of the old one."""
    document = json.loads(transcript.to_json(None))
    made = {name: value if name == "provenance" else _scaled(name, value, tempo) for name, value in document.items()}
    return Transcript.from_document(made)


def _scaled(name: str, value: Any, tempo: int) -> Any:
    """A value of the document; names of times end in `_s`."""
    if isinstance(value, dict):
        return {inner: _scaled(inner, each, tempo) for inner, each in value.items()}
    if isinstance(value, list):
        return [_scaled(name, each, tempo) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return value * 100 / tempo if name.endswith("_s") else value * tempo / 100 if name == "bpm" else value
