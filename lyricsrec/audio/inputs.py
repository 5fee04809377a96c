"""The songs that a user names: files, folders and standard input."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from lyricsrec.audio.media import SUFFIXES, Song, open_path, open_song
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name

STDIN = "-"
_IN_MEMORY_BYTES = 64 << 20


@dataclass(frozen=True)
class SongInput:
    """A song to process.

    `path` is None for standard input. `relative` is its path below the folder that was given (or its bare name), with
    its suffix; results are named after it. `problem` is the reason if it cannot be used. `track` is the number or
    language of the sound track to read, None for the default one.
    """

    name: str
    path: Path | None
    relative: Path
    _: KW_ONLY
    problem: str | None = None
    track: int | str | None = None

    @contextlib.contextmanager
    def open(self) -> Iterator[Song]:
        """The opened song, closed at the end of the `with` block. Raises AudioError when it cannot be read."""
        if self.problem is not None:
            raise AudioError(f"{self.name}: {self.problem}")
        if self.path is not None:
            with open_path(self.path, track=self.track) as song:
                yield song
            return
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.seek(0)
            yield open_song(cast(BinaryIO, file), self.name, track=self.track)


def find_songs(arguments: Sequence[str], *, track: int | str | None = None) -> list[SongInput]:
    """The songs named by paths, folders (searched below, in sorted order) and `-`.

    A folder without songs becomes one input with a problem, which is reported while the other songs are processed.
    `track` is the sound track to read of each.
    """
    return [replace(song, track=track) for argument in arguments for song in _expand(argument)]


def _expand(argument: str) -> list[SongInput]:
    if argument == STDIN:
        return [SongInput("stdin", None, Path("stdin"))]
    path = Path(argument)
    if not path.is_dir():
        return [SongInput(display_name(path), path, Path(path.name))]
    songs = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file() and not _hidden(p, path))
    if not songs:
        return [SongInput(display_name(path), path, Path(path.name), problem="no songs in this folder")]
    return [SongInput(display_name(song), song, song.relative_to(path)) for song in songs]


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)
