"""Data sets that tests make: DALI entries with audio, prepared chunks, JamendoLyrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from helpers.sounds import chord, write_song
from lyricsrec.dataset.preparation.prepare import prepare
from lyricsrec.dataset.preparation.settings import DatasetConfig, SplitConfig
from lyricsrec.dataset.shards.index import ShardIndex
from lyricsrec.dataset.shards.write import ShardConfig, make_shards
from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.dali import DaliSource
from lyricsrec.formats.dali.export import to_dali, write_entry
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.transcript import Line, Word


def make_dali(folder: Path, songs: Sequence[dict[str, object]], seconds: float = 12.0) -> tuple[Path, Path]:
    """DALI entries and sound files; returns their folders.

    Each song says what differs from: id a1, a2 ...; artist and title of its own; english; NCC 0.9; words "one two"
    and "three four", each 0.5 s long, at 1, 2, 8 and 9 s; and a quiet tone for audio (`audio`: False for none, bytes
    for a damaged one).
    """
    annotations, audio = folder / "annotations", folder / "audio"
    annotations.mkdir(parents=True)
    audio.mkdir()
    times = [("one", 1.0, 1.5), ("two", 2.0, 2.5), ("three", 8.0, 8.5), ("four", 9.0, 9.5)]
    for number, song in enumerate(songs, 1):
        song_id = str(song.get("id", f"a{number}"))
        words = [Word(*word) for word in song.get("words", times)]  # type: ignore[attr-defined, misc]
        half = (len(words) + 1) // 2
        annotation = Annotation(
            song_id,
            str(song.get("artist", f"Artist {song_id}")),
            str(song.get("title", f"Title {song_id}")),
            lines=tuple(Line(tuple(part)) for part in (words[:half], words[half:]) if part),
            language=str(song.get("language", "english")),
            ncc=float(song.get("ncc", 0.9)),  # type: ignore[arg-type]
        )
        write_entry(annotations, to_dali(annotation), "gz" if number % 2 else "json")
        sound = song.get("audio", True)
        if isinstance(sound, bytes):
            (audio / f"{song_id}.wav").write_bytes(sound)
        elif sound:
            write_song(audio / f"{song_id}.wav", chord(seconds, 8000), 8000)
    return annotations, audio


@contextmanager
def without_picture() -> Iterator[None]:
    """Leave the report's picture empty; drawing it takes most of the time."""
    with patch("lyricsrec.dataset.preparation.plots.write_picture", lambda path, _: path.write_bytes(b"")):
        yield


def make_data(
    folder: Path, songs: Sequence[dict[str, object]], split: SplitConfig | None = None, *, extract: bool = False
) -> Path:
    """A data set of songs as `make_dali` makes them, two chunks of 1.9 s each; returns its folder.

    All in the training split unless `split` says otherwise.
    """
    annotations, audio = make_dali(folder, songs)
    split = split or SplitConfig("random", ratios=(1.0, 0.0, 0.0))
    config = DatasetConfig(split=split, extract=extract)
    with without_picture():
        prepare(DaliSource.open(SourcePaths(annotations, audio)), folder / "data", config, workers=1)
    return folder / "data"


def make_small_shards(data: Path, output: Path, kib: int = 100, **more: object) -> ShardIndex:
    """Shards of a data set, of some KiB each; only the training split unless `splits` says otherwise."""
    config = ShardConfig(more.pop("splits", ("train",)), kib, int(more.pop("seed", 0)))  # type: ignore[arg-type]
    with patch("lyricsrec.dataset.shards.write.MIB", 1 << 10):
        return make_shards(data, output, config, workers=1, **more)  # type: ignore[arg-type]


def make_jamendo(folder: Path, times: str = "1.0,1.5,nan\n1.5,2.0,2.1\n3.0,3.5,3.5\n") -> Path:
    """A data set of one song, laid out as the real one."""
    for name in ("lyrics", "annotations/words", "mp3"):
        (folder / name).mkdir(parents=True)
    (folder / "JamendoLyrics.csv").write_text(
        "URL,Filepath,Artist,Title,Genre,LicenseType,Language,LyricOverlap,Polyphonic,NonLexical\n"
        "https://example.org,Süß_-_Lied.mp3,Süß,Ein Lied,Pop,BY,German,false,false,false\n",
        encoding="utf-8",
    )
    (folder / "lyrics" / "Süß_-_Lied.words.txt").write_text("so\nsüß\nbist\n", encoding="utf-8")
    (folder / "annotations" / "words" / "Süß_-_Lied.csv").write_text("word_start,word_end,line_end\n" + times)
    return folder
