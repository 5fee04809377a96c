"""Which songs a model was trained or validated on: written into every checkpoint, asked for by scoring.

A song is recognised by its words: of its runs of eight words, the six with the lowest hashes are kept (the MinHash of
Broder, 1997), from which the lyrics cannot be read. Where words are missing, its id decides; where they are others, the
same id ("0001") is that of a song of another data set.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from anyascii import anyascii

from lyricsrec.base.output import write_text
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input
from lyricsrec.base.reading.json_text import load_object
from lyricsrec.dataset.manifest import ChunkRow

NAME = "learned.json"
"""File of a checkpoint, and of the separator in it."""

Songs = Mapping[str, tuple[str, ...]]
"""The marks of each song's words by its id, which in long lists is a hash."""

_SCHEMA = 1
_NUM_WORDS, _NUM_DIFFERENT = 8, 5
_NUM_MARKS, _NUM_COMMON = 6, 2
_DIGITS = 10
_NUM_NAMED = 1000
"""Ids of more songs are hashed."""

# Words without apostrophes; each sign of scripts without spaces counts as a word.
_WORD = re.compile(r"[⺀-鿿가-힣]|[^\W_⺀-鿿가-힣]+")


@dataclass(frozen=True)
class Learned:
    """The songs that a model was trained on, and those by which its checkpoints and settings were chosen."""

    trained: Songs = field(default_factory=dict)
    validated: Songs = field(default_factory=dict)

    def __or__(self, other: Learned) -> Learned:
        """The songs of both."""
        return Learned({**self.trained, **other.trained}, {**self.validated, **other.validated})

    @property
    def numbers(self) -> dict[str, int]:
        """How many songs there are of each kind."""
        return {"trained": len(self.trained), "validated": len(self.validated)}

    def trained_on(self, song_id: str, text: str) -> bool:
        """Whether a song of this id, or one with these words, was trained on."""
        return _holds(self.trained, self._trained_marks, song_id, text)

    def validated_on(self, song_id: str, text: str) -> bool:
        """Whether a song of this id, or one with these words, was validated on."""
        return _holds(self.validated, self._validated_marks, song_id, text)

    @cached_property
    def _trained_marks(self) -> Mapping[str, list[str]]:
        return _by_mark(self.trained)

    @cached_property
    def _validated_marks(self) -> Mapping[str, list[str]]:
        return _by_mark(self.validated)

    def write(self, folder: Path) -> None:
        """Write the songs into a folder. Raises OutputError when it cannot be written."""
        plain = {"schema": _SCHEMA, "trained": _plain(self.trained), "validated": _plain(self.validated)}
        write_text(folder / NAME, json.dumps(plain, indent=0, ensure_ascii=False) + "\n")


def learned_by(folder: Path) -> Learned:
    """The songs that a model in a folder has learned; none where it does not say so."""
    try:
        plain = load_object(read_input(folder / NAME, DOCUMENT_BYTES))
        return Learned(_songs(plain["trained"]), _songs(plain["validated"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Learned()


def songs_of(chunks: Iterable[ChunkRow]) -> Songs:
    """The songs of chunks, whose words are taken in the order of their times."""
    texts: dict[str, list[tuple[float, str]]] = {}
    for chunk in chunks:
        texts.setdefault(chunk.song_id, []).append((chunk.start_s + chunk.offset_s, chunk.text))
    return {name: _marks(" ".join(text for _, text in sorted(parts))) for name, parts in sorted(texts.items())}


def _marks(text: str, number: int | None = _NUM_MARKS) -> tuple[str, ...]:
    """The lowest hashes (None: all) of runs of words that are not repetitions of a few."""
    words = _WORD.findall(text.casefold().replace("'", "").replace("’", ""))
    runs = (words[i : i + _NUM_WORDS] for i in range(len(words) - _NUM_WORDS + 1))
    hashes = {_hash(" ".join(run)) for run in runs if len(set(run)) >= _NUM_DIFFERENT}
    return tuple(heapq.nsmallest(number, hashes)) if number is not None else tuple(hashes)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_DIGITS // 2).hexdigest()


def _hashed_id(song_id: str) -> str:
    return f"#{_hash(song_id)}"


def _by_mark(songs: Songs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, marks in songs.items():
        for mark in marks:
            found.setdefault(mark, []).append(name)
    return found


def _holds(songs: Songs, by_mark: Mapping[str, list[str]], song_id: str, text: str) -> bool:
    for name in (song_id, _hashed_id(song_id)):
        if name in songs and not _has_other_words(songs[name], text):
            return True
    common: dict[str, int] = {}
    for mark in _marks(text, None) if by_mark else ():
        for name in by_mark.get(mark, ()):
            common[name] = common.get(name, 0) + 1
    return any(count >= min(_NUM_COMMON, len(songs[name])) for name, count in common.items())


def _has_other_words(marks: tuple[str, ...], text: str) -> bool:
    """Whether a text has none of the marks of a song, nor without its accents, which some alphabets leave out.

    Never of texts in other scripts, which data sets may write in Latin letters.
    """
    if not marks or any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in text):
        return False
    found = {*_marks(text, None), *_marks(anyascii(text), None)}
    return bool(found) and found.isdisjoint(marks)


def _plain(songs: Songs) -> dict[str, str]:
    hashes = len(songs) > _NUM_NAMED
    return {
        _hashed_id(name) if hashes and not name.startswith("#") else name: "".join(marks)
        for name, marks in songs.items()
    }


def _songs(plain: Mapping[str, str]) -> Songs:
    return {name: tuple(marks[i : i + _DIGITS] for i in range(0, len(marks), _DIGITS)) for name, marks in plain.items()}
