"""Rows that a model may learn from: never those of the test split, whatever their file is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lyricsrec.dataset.manifest import SONGS, ChunkRow, SongRow, read_chunks, read_songs
from lyricsrec.errors import DataError
from lyricsrec.media import display_name

_TEST, _TRAIN = "test", "train.jsonl"


def chunks_to_learn(path: Path, instead: str = _TRAIN) -> Iterator[ChunkRow]:
    """The chunks of a manifest; `instead` is what to give in place of a test split.

    Raises DataError when it is no manifest of chunks, or holds songs of the test split.
    """
    _check_name(path, instead)
    songs = path.with_name(SONGS)
    tested = {song.song_id for song in read_songs(songs) if song.split == _TEST} if songs.is_file() else set()
    for chunk in read_chunks(path):
        if chunk.song_id in tested:
            raise _refused(path, instead)
        yield chunk


def songs_to_learn(path: Path) -> Iterator[SongRow]:
    """The songs of a manifest. Raises DataError when it is none, or holds songs of the test split."""
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
        f"{display_name(path)}: it holds songs of the test split, which no model may learn from", f"Give {instead}."
    )
