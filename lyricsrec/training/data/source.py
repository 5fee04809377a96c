"""Where chunks come from: a data set, its chunks in rows, and their sound."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from itertools import accumulate
from pathlib import Path
from typing import overload

from lyricsrec.audio.audio import Audio
from lyricsrec.base.cache import content_digest
from lyricsrec.base.errors import AudioError, DataError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import ChunkRow, chunks_to_learn
from lyricsrec.dataset.sound_folders import sound_path
from lyricsrec.training.settings import SetConfig


@dataclass(frozen=True)
class Source:
    """A data set: a folder with manifests, unless a class below this one says otherwise.

    `name` is what messages and metrics call it, empty where there is only one.
    """

    folder: Path
    name: str = ""
    weight: float = 1.0

    @classmethod
    def is_for(cls, config: SetConfig) -> bool:
        """Whether a data set is of this kind."""
        return config.url is None

    @classmethod
    def of(cls, config: SetConfig, name: str) -> Source:
        """The data set of these settings."""
        return cls(config.folder, name, config.weight)

    def rows(self, split: str) -> Sequence[SetChunk]:
        """The chunks of a split.

        Raises DataError when it is missing or contains songs of the test split.
        """
        return [SetChunk.of(row, self) for row in chunks_to_learn(self._manifest(split))]

    def kept(self, rows: Sequence[SetChunk], places: Sequence[int]) -> Sequence[SetChunk]:
        """Some of the rows that `rows` has given, by their places.

        Raises AudioError when a row names a sound outside the folders that `sound_path` allows.
        """
        chosen = [rows[i] for i in places]
        for name in dict.fromkeys(row.audio for row in chosen):
            sound_path(self.folder, name)
        return chosen

    def shown(self, split: str) -> str:
        """What messages call a split."""
        return display_name(self._manifest(split))

    def digests(self, splits: Sequence[str]) -> Mapping[str, str | None]:
        """The files that list the chunks of these splits, and a digest of each."""
        paths = [self.folder / f"{split}.jsonl" for split in splits]
        return {str(path): _digest(path) for path in paths}

    def read(self, rows: Sequence[SetChunk]) -> list[Audio | AudioError]:
        """The sound of each of these chunks of the set, or why it cannot be read."""
        return [_sound(row) for row in rows]

    def sound_name(self, row: SetChunk) -> str:
        """The whole path of a chunk's sound; empty where it has no file of its own."""
        return str((self.folder / row.audio).resolve())

    def _manifest(self, split: str) -> Path:
        path = self.folder / f"{split}.jsonl"
        if not path.is_file():
            raise DataError(
                f"{display_name(path)}: no such manifest",
                "Give the folder that `lyricsrec dali-prepare` or `lyricsrec import` has written.",
            )
        return path


@dataclass(frozen=True)
class SetChunk(ChunkRow):
    """A chunk and its data set."""

    _: KW_ONLY
    source: Source

    @classmethod
    def of(cls, row: ChunkRow, source: Source) -> SetChunk:
        """A row of a manifest as a chunk of a data set, without word timestamps."""
        # They are not needed, and take most of the memory of a large manifest.
        values = {field.name: getattr(row, field.name) for field in fields(ChunkRow)}
        return cls(**{**values, "words": ()}, source=source)

    @property
    def shown(self) -> str:
        """The audio file as messages name it."""
        return f"{self.source.name}: {self.audio}" if self.source.name else self.audio

    @property
    def unique_id(self) -> str:
        """The chunk's id, with its set where there are several: sets may have the same ids."""
        return f"{self.source.name}/{self.chunk_id}" if self.source.name else self.chunk_id


def _sound(row: SetChunk) -> Audio | AudioError:
    try:
        return read_chunk(row, row.source.folder)
    except AudioError as error:
        return error


def _digest(path: Path) -> str | None:
    try:
        return content_digest(path)
    except OSError:
        return None


class JoinedRows(Sequence[SetChunk]):
    """The chunks of several sets, one set after another."""

    def __init__(self, parts: Sequence[Sequence[SetChunk]]) -> None:
        self.parts = parts
        self._ends = list(accumulate(map(len, parts)))

    def __len__(self) -> int:
        return self._ends[-1]

    @overload
    def __getitem__(self, index: int) -> SetChunk: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[SetChunk]: ...

    def __getitem__(self, index: int | slice) -> SetChunk | Sequence[SetChunk]:
        """A chunk, or those of a slice."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = index if index >= 0 else index + len(self)
        if not 0 <= place < len(self):
            raise IndexError(index)
        part = bisect_right(self._ends, place)
        return self.parts[part][place - (self._ends[part - 1] if part else 0)]


def joined(parts: Sequence[Sequence[SetChunk]]) -> Sequence[SetChunk]:
    """The chunks of several sets as one sequence."""
    if all(isinstance(part, list) for part in parts):
        return [row for part in parts for row in part]
    return JoinedRows(parts) if len(parts) > 1 else parts[0]


def parts_of(rows: Sequence[SetChunk]) -> Sequence[Sequence[SetChunk]]:
    """The sequences that `joined` has made one."""
    return rows.parts if isinstance(rows, JoinedRows) else [rows]
