"""The answers of LRCLIB: a song, or a list of songs that were found. https://lrclib.net/docs"""

from __future__ import annotations

from lyricsrec.formats.base import Parsed
from lyricsrec.formats.json.pieces import json_format
from lyricsrec.formats.json_value import Value
from lyricsrec.formats.karaoke.lrc import parse_lrc
from lyricsrec.formats.sheet.text_format import parse_sheet

_FIELDS = ("syncedLyrics", "plainLyrics")


def _sniff(document: object) -> bool:
    songs = document if isinstance(document, list) else [document]
    return bool(songs) and all(isinstance(song, dict) and any(name in song for name in _FIELDS) for song in songs)


def _read(value: Value) -> Parsed:
    """The lyrics with times of the first song that has some, else the first plain ones."""
    songs = value.items() if isinstance(value.raw, list) else [value]
    for name in _FIELDS:
        for song in songs:
            lyrics = song.get(name)
            if lyrics.raw:
                text = lyrics.text()
                return parse_lrc(text) if name == "syncedLyrics" else parse_sheet(text)
    return Parsed(())


LRCLIB = json_format("lrclib", "answers of LRCLIB", sniff=_sniff, read=_read, times="lines")
