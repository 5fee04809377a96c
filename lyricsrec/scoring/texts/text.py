"""Texts that are scored: what is sung in a song, or what somebody or something heard in it."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import chain, groupby
from pathlib import Path

from lyricsrec.base.errors import NoLyricsError
from lyricsrec.base.text_encoding import decode
from lyricsrec.formats.base import Label
from lyricsrec.formats.read import read_lyrics
from lyricsrec.formats.text import plain_lines
from lyricsrec.lyrics.transcript import Line, Transcript
from lyricsrec.scoring.texts.sound import Sound


@dataclass(frozen=True)
class SungText:
    """Lines in sections, with what times there are.

    `language` is an English name in lower case or a code, None where nobody says. `title` is what to call it. `labels`
    are the rows of a label file, with its silences.
    """

    sections: tuple[tuple[Line, ...], ...] = ()
    title: str = ""
    language: str | None = None
    _: KW_ONLY
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
    return SungText(tuple(section for section in kept if section), title, language, duration_s=duration_s)


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
    if lyrics.format.name == "txt":
        rows = map(plain_lines, decode(lyrics.data)[0].splitlines())
        return sung_text((chain.from_iterable(part) for _, part in groupby(rows, bool)), title, lyrics.language)
    duration_s = _duration_s(lyrics.data) if lyrics.format.name == "json" else None
    return replace(sung_text([lyrics.lines], title, lyrics.language, duration_s), labels=lyrics.labels)


def _duration_s(transcript: bytes) -> float | None:
    """The length that a transcript in JSON gives; None where that is none."""
    given = json.loads(decode(transcript)[0].lstrip("\ufeff")).get("duration_s")
    return float(given) if isinstance(given, (int, float)) and 0 < given < math.inf else None


FOLDER = "folder"
"""The way of naming by folders that hold one song each, in as many files as it may be."""


@dataclass(frozen=True)
class Entry:
    """A text that can be read: `names` are what it may be called, each in a way of naming of its own.

    Of several for one song that with the lowest `rank` counts. `song_id` is the song that it is all of, or part of from
    `start_s`; `sound` is where it can be heard, where a manifest says so.
    """

    names: dict[str, str]
    read: Callable[[], SungText]
    rank: int = 0
    _: KW_ONLY
    song_id: str | None = None
    start_s: float = 0.0
    sound: Sound | None = None

    @property
    def name(self) -> str:
        """The first of its names."""
        return next(iter(self.names.values()))

    @property
    def is_part(self) -> bool:
        """Whether it is a part of a song."""
        return self.sound is not None and self.sound.chunk is not None


@dataclass(frozen=True)
class Texts:
    """The texts of a file, a folder or a manifest; `is_file` where it is a file of lyrics, which is one text."""

    name: str
    entries: tuple[Entry, ...]
    is_file: bool = False

    def called(self, naming: str) -> dict[str, Entry]:
        """The texts by their names in one way of naming, without names that leave it open which one is meant.

        Of several files for a song that which says most is meant.
        """
        named: dict[str, list[Entry]] = {}
        for entry in self.entries:
            if naming in entry.names:
                named.setdefault(entry.names[naming], []).append(entry)
        chosen = ((name, _the_one(entries, naming == FOLDER)) for name, entries in named.items())
        return {name: entry for name, entry in chosen if entry is not None}

    @property
    def namings(self) -> tuple[str, ...]:
        """The ways of naming that its texts have, the first one first."""
        return tuple(dict.fromkeys(naming for entry in self.entries for naming in entry.names))


def name_key(name: str) -> str:
    """A name as it is compared: file systems disagree on how accents are stored."""
    return unicodedata.normalize("NFC", name)


def _the_one(entries: Sequence[Entry], in_one_folder: bool) -> Entry | None:
    best = min(entries, key=lambda entry: entry.rank)
    rivals = [entry for entry in entries if entry.rank == best.rank or not in_one_folder]
    return best if all(entry.name == best.name for entry in rivals) else None
