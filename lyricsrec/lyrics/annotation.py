"""What a data set says of one song: who sings it, and which words at which times."""

from __future__ import annotations

import hashlib
import re
from dataclasses import KW_ONLY, dataclass

from lyricsrec.lyrics.transcript import Line, Word

_ID = re.compile(r"\w[\w.-]{0,127}")


@dataclass(frozen=True)
class Note:
    """One sung note. `text` is its syllable, "~" where the syllable before it is held.

    Times are seconds from the start of the song, `freq_hz` is 0 where the pitch is not known.
    """

    text: str
    start_s: float
    end_s: float
    _: KW_ONLY
    freq_hz: float = 0.0


@dataclass(frozen=True)
class Annotation:
    """The timed lyrics of one song.

    `language` is an English name in lower case, None where it is not known. `ncc` says how well the annotation fits
    the sound (normalised cross-correlation, 0 to 1; Meseguer-Brocal et al., ISMIR 2018), None where nobody measured
    it; `is_ground_truth` that somebody set its times right by hand. `notes`, where the source has them, are those of
    each word, in the words' order.
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
    """Whether an id is short and plain enough to name files after it."""
    return _ID.fullmatch(song_id) is not None


def song_id_of(artist: str, title: str) -> str:
    """An id for a song that has none: the MD5 of "artist - title"."""
    return hashlib.md5(f"{artist} - {title}".encode(), usedforsecurity=False).hexdigest()
