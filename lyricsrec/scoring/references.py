"""References and hypotheses in files, folders and manifests, and which of them belong together."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from lyricsrec.dataset.manifest import SONGS, ChunkRow, SongRow, is_song_manifest, read_chunks, read_songs
from lyricsrec.errors import DataError
from lyricsrec.lyrics_file import STDIN
from lyricsrec.media import display_name
from lyricsrec.scoring.sung import SungText, read_sung, sung_text
from lyricsrec.transcript import Line, Word

_MANIFEST = ".jsonl"
_RANKS = (".json", ".gz", ".textgrid", ".lab", ".ultrastar", ".vtt", ".srt", ".elrc", ".lrc", ".txt")
"""Endings of files with lyrics; of several for one song the first is taken, which says most."""


@dataclass(frozen=True)
class Entry:
    """A text that can be read: `names` are what its song may be called, each in a way of naming of its own."""

    names: dict[str, str]
    read: Callable[[], SungText]
    rank: int = 0


@dataclass(frozen=True)
class Texts:
    """The texts of a file, a folder or a manifest."""

    name: str
    entries: tuple[Entry, ...]

    def called(self, naming: str) -> dict[str, Entry]:
        """The texts by their names in one way of naming; of several of one name that which says most."""
        named = [(entry.names[naming], entry) for entry in self.entries if naming in entry.names]
        return dict(sorted(named, key=lambda item: item[1].rank, reverse=True))

    @property
    def namings(self) -> tuple[str, ...]:
        """The ways of naming that its texts have, the first one first."""
        return tuple(dict.fromkeys(naming for entry in self.entries for naming in entry.names))


@dataclass(frozen=True)
class Match:
    """References by id, each with the hypothesis that belongs to it or None; and hypotheses that nothing belongs to."""

    songs: tuple[tuple[str, Entry, Entry | None], ...]
    unmatched: tuple[str, ...]


def find_texts(path: Path) -> Texts:
    """The texts at a path: a file that `read_lyrics` reads (`-`: stdin), a manifest, a data set, or a folder of files.

    Nothing but manifests is read yet. Raises DataError when there is nothing, and for a manifest with an id twice.
    """
    name = display_name(path)
    if path.suffix == _MANIFEST and path.is_file():
        return Texts(name, tuple(_of_manifest(path)))
    if path.is_dir():
        if (path / SONGS).is_file():
            return find_texts(path / SONGS)
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() in _RANKS and p.is_file() and not _hidden(p, path))
        if not files:
            raise DataError(f"{name}: no lyrics in this folder", f"Files end in {', '.join(_RANKS)}.")
        return Texts(name, tuple(_of_file(file, file.relative_to(path)) for file in files))
    if str(path) != STDIN and not path.exists():
        raise DataError(f"{name}: no such file or folder")
    return Texts(name, (_of_file(path, Path(path.name)),))


def match(references: Texts, hypotheses: Texts) -> Match:
    """Find what belongs together: two single files do; else by name, in that way of naming which matches most.

    Files in folders are named by their path without ending, by their bare name, or by their folder where each song
    has one; songs of a manifest also by "artist - title" and by their audio file. Raises DataError when nothing
    belongs together.
    """
    if len(references.entries) == len(hypotheses.entries) == 1:
        reference, hypothesis = references.entries[0], hypotheses.entries[0]
        return Match(((_first_name(reference), reference, hypothesis),), ())
    ways = [(a, b) for a in references.namings for b in hypotheses.namings]
    sung, heard = max(
        ((references.called(a), hypotheses.called(b)) for a, b in ways), key=lambda way: len(way[0].keys() & way[1].keys())
    )
    if not sung.keys() & heard.keys():
        raise DataError(
            f"no file of {hypotheses.name} is called as a song of {references.name}",
            f"A reference: '{next(iter(sung), '')}'; a hypothesis: '{next(iter(heard), '')}'.",
        )
    return Match(
        tuple((name, entry, heard.get(name)) for name, entry in sorted(sung.items())),
        tuple(sorted(heard.keys() - sung.keys())),
    )


def of_song(row: SongRow) -> SungText:
    """The lyrics of a song of a manifest."""
    return sung_text([row.lines], _title(row), row.language, row.duration_s)


def of_chunk(row: ChunkRow, language: str | None = None) -> SungText:
    """The text of a chunk of a manifest, as one line; its times count from the chunk's start."""
    words = tuple(Word(word.text, _since(word.start_s, row), _since(word.end_s, row)) for word in row.words)
    words = words or tuple(Word(word, None, None) for word in row.text.split())
    return sung_text([[Line(words)]], row.chunk_id, language, row.duration_s)


def check_ids(ids: Iterable[str], name: str) -> None:
    """Raise DataError when an id occurs twice: figures of one song would hide those of the other."""
    seen: set[str] = set()
    for song_id in ids:
        if song_id in seen:
            raise DataError(f"{name}: '{song_id}' is there twice", "Leave one of them out.")
        seen.add(song_id)


def _of_file(path: Path, relative: Path) -> Entry:
    stem = relative.with_suffix("").as_posix()
    names = {"path": _key(stem), "name": _key(PurePosixPath(stem).name)}
    if relative.parent != Path():
        names["folder"] = _key(relative.parent.as_posix())
    suffix = ".ultrastar" if _is_ultrastar(path) else path.suffix.lower()
    rank = _RANKS.index(suffix) if suffix in _RANKS else len(_RANKS)
    return Entry(names, partial(read_sung, path, stem), rank)


def _of_manifest(path: Path) -> Iterator[Entry]:
    name = display_name(path)
    if not is_song_manifest(path):
        chunks = list(read_chunks(path))
        check_ids((chunk.chunk_id for chunk in chunks), name)
        for chunk in chunks:
            yield Entry({"id": _key(chunk.chunk_id)}, partial(of_chunk, chunk))
        return
    songs = list(read_songs(path))
    check_ids((song.song_id for song in songs), name)
    for song in songs:
        audio = PurePosixPath(song.audio)
        names = {"id": song.song_id, "title": _title(song), "audio": audio.stem, "folder": audio.parent.name}
        yield Entry({naming: _key(value) for naming, value in names.items()}, partial(of_song, song))


def _since(time_s: float | None, row: ChunkRow) -> float | None:
    return None if time_s is None else round(max(time_s - row.start_s, 0.0), 3)


def _title(song: SongRow) -> str:
    return f"{song.artist} - {song.title}"


def _first_name(entry: Entry) -> str:
    return next(iter(entry.names.values()))


def _key(name: str) -> str:
    """File systems disagree on how accents are stored."""
    return unicodedata.normalize("NFC", name)


def _is_ultrastar(path: Path) -> bool:
    if path.suffix.lower() != ".txt":
        return False
    try:
        with path.open("rb") as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"#")
    except OSError:
        return False


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


