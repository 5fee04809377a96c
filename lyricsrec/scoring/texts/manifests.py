"""References from data sets: the whole songs of a split, or its chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.manifest import SONGS, ChunkRow, SongRow, is_song_manifest, read_chunks, read_songs
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.scoring.results import Protocol
from lyricsrec.scoring.texts.sound import Sound
from lyricsrec.scoring.texts.text import FOLDER, Entry, ScoredText, Texts, name_key, scored_text

Split: TypeAlias = Literal["train", "validation", "test", "all"]
_SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def find_split(data: Path, split: Split, protocol: Protocol) -> Texts:
    """The texts of a split of a data set: whole songs for the protocol "long", chunks for "short".

    `data` is the folder of the data set, or a single manifest, which is used completely. Raises DataError if a
    manifest cannot be read or is empty.
    """
    name = display_name(data)
    if not data.is_dir():
        return _not_empty(Texts(name, tuple(entries_of(data))), name)
    named = f"{name}, {split}"
    splits = _SPLITS if split == "all" else (split,)
    if protocol == "long":
        songs = _checked(data / SONGS, (row for row in read_songs(data / SONGS) if row.split in splits))
        return _not_empty(Texts(named, tuple(_of_song(row, data) for row in songs)), named)
    chunks = [entry for part in splits for entry in entries_of(data / f"{part}.jsonl")]
    return _not_empty(Texts(named, tuple(chunks)), named)


def entries_of(manifest: Path) -> Iterator[Entry]:
    """The songs or chunks of a manifest. Raises DataError if it is not a manifest, or contains an id twice."""
    folder = manifest.parent
    if is_song_manifest(manifest):
        yield from (_of_song(row, folder) for row in _checked(manifest, read_songs(manifest)))
        return
    songs = folder / SONGS
    known = {row.song_id: row for row in read_songs(songs)} if songs.is_file() else {}
    chunks = list(read_chunks(manifest))
    _check_ids((chunk.chunk_id for chunk in chunks), manifest)
    for chunk in chunks:
        yield _of_chunk(chunk, folder, known.get(chunk.song_id))


def _of_song(row: SongRow, folder: Path) -> Entry:
    audio, title = PurePosixPath(row.audio), _title(row)
    names = {"id": row.song_id, "title": title, "audio": audio.stem, FOLDER: audio.parent.name}
    text = scored_text([row.lines], title, row.language, duration_s=row.duration_s)
    keys = {naming: name_key(value) for naming, value in names.items() if value}
    return Entry(keys, lambda: text, song_id=row.song_id, sound=Sound(folder, row.audio))


def _of_chunk(row: ChunkRow, folder: Path, song: SongRow | None) -> Entry:
    start_s = round(row.start_s + row.offset_s, 3)
    return Entry(
        {"id": name_key(row.chunk_id)},
        partial(_text_of_chunk, row, _title(song) if song else row.song_id, song.language if song else None),
        song_id=row.song_id,
        start_s=start_s,
        sound=Sound(folder, row.audio, row),
    )


def _text_of_chunk(row: ChunkRow, title: str, language: str | None) -> ScoredText:
    """The text of a chunk as one line, with times from the start of the chunk."""
    words = tuple(Word(word.text, _since(word.start_s, row), _since(word.end_s, row)) for word in row.words)
    words = words or tuple(Word(word, None, None) for word in row.text.split())
    return scored_text([[Line(words)]], title, language, duration_s=row.duration_s)


def _since(time_s: float | None, row: ChunkRow) -> float | None:
    return None if time_s is None else round(max(time_s - row.start_s, 0.0), 3)


def _title(song: SongRow) -> str:
    return f"{song.artist} - {song.title}"


def _checked(manifest: Path, rows: Iterable[SongRow]) -> Sequence[SongRow]:
    songs = list(rows)
    _check_ids((song.song_id for song in songs), manifest)
    return songs


def _check_ids(ids: Iterable[str], manifest: Path) -> None:
    """Raise DataError if an id occurs twice: the scores of one song would replace those of the other."""
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise DataError(f"{display_name(manifest)}: '{name}' occurs twice", "Remove one of the rows.")
        seen.add(name)


def _not_empty(texts: Texts, name: str) -> Texts:
    if not texts.entries:
        raise DataError(f"{name}: no songs", "Choose another --split, or prepare the data set again.")
    return texts
