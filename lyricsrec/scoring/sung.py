"""Texts that are scored: what is sung in a song, or what somebody or something heard in it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path

from lyricsrec.errors import NoLyricsError
from lyricsrec.labels import Label
from lyricsrec.lyrics_file import read_lyrics
from lyricsrec.lyrics_sheet import sheet_lines
from lyricsrec.text_encoding import decode
from lyricsrec.transcript import Line, Transcript


@dataclass(frozen=True)
class SungText:
    """Lines in sections, with what times there are.

    `language` is an English name in lower case or a code, None where nobody says. `title` is what to call it. `labels`
    are the rows of a label file, with its silences.
    """

    sections: tuple[tuple[Line, ...], ...] = ()
    title: str = ""
    language: str | None = None
    duration_s: float | None = None
    labels: tuple[Label, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, in the order of the rows of `text` that are not blank."""
        return tuple(line for section in self.sections for line in section)

    @property
    def text(self) -> str:
        """A line a row, a blank row between sections."""
        return "\n\n".join("\n".join(" ".join(line.text.split()) for line in section) for section in self.sections)


def sung_text(
    sections: Iterable[Iterable[Line]], title: str = "", language: str | None = None, duration_s: float | None = None
) -> SungText:
    """A text of the lines that hold a letter or digit; sections without one vanish."""
    kept = (tuple(line for line in section if any(c.isalnum() for c in line.text)) for section in sections)
    return SungText(tuple(section for section in kept if section), title, language, duration_s)


def of_transcript(transcript: Transcript, title: str = "") -> SungText:
    """What a transcript says."""
    known = transcript.provenance.language
    return sung_text([transcript.lines], title or transcript.song, known, transcript.duration_s)


def read_sung(path: Path, title: str = "") -> SungText:
    """The text of a file that `read_lyrics` reads; one without lyrics in it is empty.

    In a plain text, rows that are not sung (blank ones, headings) end a section. Raises DataError when the file cannot
    be read.
    """
    try:
        lyrics = read_lyrics(path)
    except NoLyricsError:
        return SungText(title=title)
    if lyrics.form == "txt":
        rows = map(sheet_lines, decode(lyrics.data)[0].splitlines())
        return sung_text((chain.from_iterable(part) for _, part in groupby(rows, bool)), title, lyrics.language)
    duration_s = _duration_s(lyrics.data) if lyrics.form == "json" else None
    return replace(sung_text([lyrics.lines], title, lyrics.language, duration_s), labels=lyrics.labels)


def _duration_s(transcript: bytes) -> float | None:
    """The length that a transcript in JSON gives; None where that is none."""
    given = json.loads(decode(transcript)[0].lstrip("\ufeff")).get("duration_s")
    return float(given) if isinstance(given, (int, float)) and 0 < given < math.inf else None
