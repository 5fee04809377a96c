"""Manifests: the files of a data set that training and scoring read, one JSON object per line.

`songs.jsonl` has a row for each song, `train.jsonl`, `validation.jsonl` and `test.jsonl` have one for each chunk. Times
are seconds in the file `audio`, whose path is relative to the manifest's folder, with slashes on every system.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from annotated_types import Ge, Le, MaxLen, MinLen, Predicate

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name, printable
from lyricsrec.base.reading.input_files import open_input, rows_of
from lyricsrec.base.reading.json_text import load_object
from lyricsrec.base.settings import adapter, problems_of
from lyricsrec.dataset.commit import check_finished
from lyricsrec.lyrics.annotation import can_name_a_chunk, can_name_a_file
from lyricsrec.lyrics.transcript import Line, Word

SCHEMA = 1
"""Number of the schema of the rows."""

SONGS = "songs.jsonl"
"""File name of the manifest of songs."""

_TEST, _TRAIN = "test", "train.jsonl"

ChunkId = Annotated[str, Predicate(can_name_a_chunk)]
SongId = Annotated[str, Predicate(can_name_a_file)]

_LONGEST_S = 1e7
_Time = Annotated[float, Ge(0), Le(_LONGEST_S)]
_Sound = Annotated[str, MinLen(1), MaxLen(1024)]

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class ChunkRow:
    """A training example.

    `text` is the reference in the recogniser's alphabet. The chunk is the part of `audio` from `start_s` to `end_s`;
    `words` lie in it, and the stretches `mute` are silenced when it is read. Times plus `offset_s` are times in the
    song; it is 0 unless the chunk has its own file.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = {"allow_inf_nan": False}

    chunk_id: ChunkId
    song_id: SongId
    text: str
    _: KW_ONLY
    audio: _Sound
    start_s: _Time
    end_s: _Time
    offset_s: Annotated[float, Ge(-_LONGEST_S), Le(_LONGEST_S)]
    words: tuple[Word, ...]
    mute: tuple[tuple[float, float], ...] = ()

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def to_dict(self) -> dict[str, Any]:
        """The row as a JSON object."""
        return {
            "schema": SCHEMA,
            "chunk_id": self.chunk_id,
            "song_id": self.song_id,
            "text": self.text,
            "audio": self.audio,
            "start_s": self.start_s,
            "end_s": self.end_s,
            "offset_s": self.offset_s,
            "words": _words(self.words),
            "mute": [list(span) for span in self.mute],
        }


@dataclass(frozen=True)
class SongRow:
    """A whole song with its annotated lines.

    `ncc` is the quality of the annotation (0 to 1), None if it was not measured. `is_ground_truth` says that the times
    were corrected by hand. `num_words` counts the words in the song's chunks.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = {"allow_inf_nan": False}

    song_id: SongId
    artist: str
    title: str
    _: KW_ONLY
    language: str | None
    ncc: float | None
    is_ground_truth: bool
    split: str
    audio: _Sound
    duration_s: _Time
    num_words: int
    num_chunks: int
    lines: tuple[Line, ...]

    def to_dict(self) -> dict[str, Any]:
        """The row as a JSON object."""
        return {
            "schema": SCHEMA,
            "song_id": self.song_id,
            "artist": self.artist,
            "title": self.title,
            "language": self.language,
            "ncc": self.ncc,
            "is_ground_truth": self.is_ground_truth,
            "split": self.split,
            "audio": self.audio,
            "duration_s": self.duration_s,
            "num_words": self.num_words,
            "num_chunks": self.num_chunks,
            "lines": [{"words": _words(line.words)} for line in self.lines],
        }


def to_line(row: dict[str, Any]) -> str:
    """A row as one line of a manifest."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def relative_to_manifest(path: Path, folder: Path) -> str:
    """A path relative to the folder of a manifest, with slashes."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        # On another drive of Windows: there is no relative path.
        return path.resolve().as_posix()


def chunk_from_dict(row: dict[str, Any]) -> ChunkRow:
    """The chunk of a row written by `to_dict`. Raises ValueError that names the fields of other rows."""
    chunk: ChunkRow = _checked(ChunkRow, row)
    return chunk


def song_from_dict(row: dict[str, Any]) -> SongRow:
    """The song of a row written by `to_dict`. Raises ValueError that names the fields of other rows."""
    song: SongRow = _checked(SongRow, row)
    return song


def _checked(kind: Any, row: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    try:
        return adapter(kind).validate_python({key: row[key] for key in kind.__dataclass_fields__ if key in row})
    except ValidationError as error:
        raise ValueError(problems_of(error)) from None


def read_chunks(path: Path) -> Iterator[ChunkRow]:
    """The chunks of a manifest. Raises DataError, with the line number, for an invalid row."""
    yield from _parsed(path, chunk_from_dict)


def read_songs(path: Path) -> Iterator[SongRow]:
    """The songs of a manifest. Raises DataError, with the line number, for an invalid row."""
    yield from _parsed(path, song_from_dict)


def is_song_manifest(path: Path) -> bool:
    """Whether a manifest holds songs rather than chunks; for an empty one, the file name decides."""
    for _, row in _rows(path):
        return "chunk_id" not in row
    return path.name == SONGS


def spread(rows: Sequence[_Row], limit: int | None) -> list[_Row]:
    """At most `limit` rows at even distances, so that all songs are represented."""
    count = min(limit or len(rows), len(rows))
    return [rows[number * len(rows) // count] for number in range(count)]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    name = display_name(path)
    check_finished(path.parent)
    try:
        with open_input(path) as file:
            for number, line in enumerate(rows_of(file), 1):
                yield number, _row(line, f"{name}: line {number}")
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None


def _row(line: bytes, place: str) -> dict[str, Any]:
    try:
        row = load_object(line)
    except ValueError as error:
        raise DataError(f"{place} is not a row of a manifest ({error})") from None
    if "schema" not in row:
        raise DataError(f"{place} is not a row of a manifest")
    if row["schema"] != SCHEMA:
        raise DataError(
            f"{place}: its schema is {printable(repr(row['schema']))[:40]}, but this version reads schema {SCHEMA}",
            "Prepare the data set again.",
        )
    return row


def _parsed(path: Path, parse: Callable[[dict[str, Any]], _Row]) -> Iterator[_Row]:
    for number, row in _rows(path):
        try:
            parsed = parse(row)
        except ValueError as error:
            raise DataError(f"{display_name(path)}: line {number}: {error}", "Prepare the data set again.") from None
        yield parsed


def _words(words: tuple[Word, ...]) -> list[dict[str, Any]]:
    return [{"text": word.text, "start_s": word.start_s, "end_s": word.end_s} for word in words]


def chunks_to_learn(path: Path, instead: str = _TRAIN) -> Iterator[ChunkRow]:
    """The chunks of a manifest, for learning; the error for a test split suggests the file `instead`.

    Raises DataError if it is not a manifest of chunks, or holds songs of the test split.
    """
    _check_name(path, instead)
    songs = path.with_name(SONGS)
    test_songs = {song.song_id for song in read_songs(songs) if song.split == _TEST} if songs.is_file() else set()
    for chunk in read_chunks(path):
        if chunk.song_id in test_songs:
            raise _refused(path, instead)
        yield chunk


def songs_to_learn(path: Path) -> Iterator[SongRow]:
    """The songs of a manifest, for learning. Raises DataError if it is invalid or holds songs of the test split."""
    _check_name(path)
    for song in read_songs(path):
        if song.split == _TEST:
            raise _refused(path)
        yield song


def _check_name(path: Path, instead: str = _TRAIN) -> None:
    if path.stem == _TEST:
        raise _refused(path, instead)


def _refused(path: Path, instead: str = _TRAIN) -> DataError:
    return DataError(
        f"{display_name(path)}: it holds songs of the test split, which no model may learn from", f"Use {instead}."
    )
