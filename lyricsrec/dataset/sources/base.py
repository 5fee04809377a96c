"""What a source of annotated songs has to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Protocol

from lyricsrec.formats.dali.entry import DaliEntry
from lyricsrec.lyrics.annotation import Annotation


@dataclass(frozen=True)
class SourcePaths:
    """Where to read songs: `folder` has the annotations; only DALI has an `audio` folder and a `ground_truth` file."""

    folder: Path
    audio: Path | None = None
    ground_truth: Path | None = None


@dataclass(frozen=True)
class SourceSong:
    """An annotation and its audio file.

    `remark` is what is known about a missing audio file; `problems` are rows of the annotation that were not read.
    """

    annotation: Annotation
    audio: Path | None
    remark: str | None = None
    _: KW_ONLY
    problems: tuple[str, ...] = ()


class Source(Protocol):
    """Annotated songs. Instances are pickled for worker processes."""

    def files(self) -> Sequence[Path]:
        """One file for each song, in a fixed order."""

    def read(self, file: Path) -> SourceSong:
        """The song of a file. Raises DataError if it cannot be used."""

    def to_dali(self, file: Path) -> DaliEntry:
        """The song of a file as a DALI entry. Raises DataError if it cannot be used."""
