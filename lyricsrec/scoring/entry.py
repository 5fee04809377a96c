"""A text that is scored, under the names its song may have."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lyricsrec.scoring.sound import Sound
from lyricsrec.scoring.sung import SungText

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
