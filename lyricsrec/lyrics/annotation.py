"""The annotation of a song in a data set: artist, title, and timed lyrics."""

from __future__ import annotations

import hashlib
import re
from dataclasses import KW_ONLY, dataclass

from lyricsrec.lyrics.transcript import Line, Word

_ID = re.compile(r"\w[\w.-]{0,127}")
_CHUNK_ID = re.compile(r"\w[\w.-]{0,143}")


@dataclass(frozen=True)
class Note:
    """One sung note. `text` is its syllable, "~" if it continues the syllable before.

    Times are seconds from the start of the song; `freq_hz` is 0 if the pitch is unknown. A golden note counts double in
    games.
    """

    text: str
    start_s: float
    end_s: float
    _: KW_ONLY
    freq_hz: float = 0.0
    is_golden: bool = False


@dataclass(frozen=True)
class Annotation:
    """The timed lyrics of one song.

    `language` is an English name in lower case, None if unknown. `ncc` is how well the annotation fits the audio
    (normalised cross-correlation, 0 to 1; Meseguer-Brocal et al., ISMIR 2018), None if not measured. `is_ground_truth`
    marks times that were corrected by hand. `notes` are those of each word, in order, None if the source has none.
    """

    song_id: str
    artist: str
    title: str
    _: KW_ONLY
    lines: tuple[Line, ...]
    language: str | None = None
    ncc: float | None = None
    is_ground_truth: bool = False
    genres: tuple[str, ...] = ()
    notes: tuple[tuple[Note, ...], ...] | None = None

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in order."""
        return tuple(word for line in self.lines for word in line.words)


def can_name_a_file(song_id: str) -> bool:
    """Whether an id can be a file name: at most 128 letters, digits, points, - and _."""
    return _ID.fullmatch(song_id) is not None


def can_name_a_chunk(chunk_id: str) -> bool:
    """Whether an id can be the file name of a chunk: that of a song, and its number."""
    return _CHUNK_ID.fullmatch(chunk_id) is not None


def song_id_of(artist: str, title: str) -> str:
    """An id for a song without one: the MD5 of "artist - title"."""
    return hashlib.md5(f"{artist} - {title}".encode(), usedforsecurity=False).hexdigest()
