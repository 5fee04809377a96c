"""The files of a job, in a folder that only its id names."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.separation.stem_files import SUFFIXES as STEM_SUFFIXES

_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


def new_id() -> str:
    """An id that nobody guesses: 128 random bits."""
    return secrets.token_urlsafe(16)


def is_id(text: str) -> bool:
    """Whether a text has the form of an id, and so is safe as the name of a folder."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True)
class JobFolder:
    """The folder `jobs/ID` of a data folder `root`. Raises ValueError for what is no id."""

    root: Path
    id: str

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise ValueError("not the id of a job")

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.root / "jobs" / self.id

    @property
    def song(self) -> Path | None:
        """The upload, None before it is there."""
        return next((path for path in _entries(self.path) if path.stem == "song"), None)

    def song_called(self, suffix: str) -> Path:
        """Where to put the upload, whose content asks for this ending. Raises ValueError for one that is none."""
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError("not the ending of a file name")
        return self.path / f"song{suffix}"

    @property
    def lyrics(self) -> Path:
        """The lyrics to align, as they were pasted."""
        return self.path / "lyrics.txt"

    @property
    def transcript(self) -> Path:
        """The result."""
        return self.path / "transcript.json"

    @property
    def edited(self) -> Path:
        """The result as a user corrected it."""
        return self.path / "edited.json"

    @property
    def peaks(self) -> Path:
        """The waveform of the mix."""
        return self.path / "peaks.json"

    @property
    def playable(self) -> Path:
        """The song for browsers that cannot play the upload; not there where they can."""
        return self.path / "playable.flac"

    @property
    def stems(self) -> Path:
        """How the paths of the stems begin."""
        return self.path / "stems"

    @property
    def vocals(self) -> Path:
        """The separated voice."""
        return self.path / f"stems{STEM_SUFFIXES[0]}"

    @property
    def accompaniment(self) -> Path:
        """What remains without the voice."""
        return self.path / f"stems{STEM_SUFFIXES[1]}"

    @property
    def has_stems(self) -> bool:
        """Whether both stems are there."""
        return self.vocals.is_file() and self.accompaniment.is_file()

    def size_bytes(self) -> int:
        """What all files take."""
        return sum(size for _, size in _stats(_entries(self.path)))

    def changed_at(self) -> float:
        """When anything in it changed last, in seconds of the Unix epoch; 0 where it is gone."""
        return max((time for time, _ in _stats([self.path, *_entries(self.path)])), default=0.0)

    def make(self) -> None:
        """Create the folder."""
        self.path.mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        """Remove it and all that is in it; nothing happens where it is gone already."""
        shutil.rmtree(self.path, ignore_errors=True)


def folders(root: Path) -> list[JobFolder]:
    """The folders that are in a data folder."""
    return [JobFolder(root, path.name) for path in _entries(root / "jobs") if is_id(path.name)]


def _entries(folder: Path) -> list[Path]:
    # Other processes remove jobs at any time, and Path.glob raises on some versions where a folder goes while it looks.
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _stats(paths: Iterable[Path]) -> Iterator[tuple[float, int]]:
    for path in paths:
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        yield found.st_mtime, found.st_size
