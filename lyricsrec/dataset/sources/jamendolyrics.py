"""JamendoLyrics MultiLang: songs of four languages with hand-made word and line times (Durand et al., ICASSP 2023)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import is_regular, read_text
from lyricsrec.dataset.sources.base import SourcePaths, SourceSong
from lyricsrec.formats.dali.entry import DaliEntry
from lyricsrec.formats.dali.export import to_dali
from lyricsrec.lyrics.annotation import Annotation, song_id_of
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.transcript import Line, Word

TABLE = "JamendoLyrics.csv"


@dataclass(frozen=True)
class JamendoRow:
    """A row of the data set's table; `name` is that of the song's files without their suffixes."""

    name: str
    artist: str
    title: str
    _: KW_ONLY
    language: str
    genre: str
    audio: str


@dataclass(frozen=True)
class JamendoSource:
    """A copy of JamendoLyrics: its table, lyrics and word times, and those of its songs that have audio."""

    folder: Path
    rows: Mapping[str, JamendoRow]

    @classmethod
    def open(cls, paths: SourcePaths) -> JamendoSource:
        """Read the table of the data set. Raises DataError."""
        return cls(paths.folder, {row.name: row for row in read_table(paths.folder)})

    def files(self) -> Sequence[Path]:
        """The word times of each song."""
        return [self.folder / "annotations" / "words" / f"{name}.csv" for name in sorted(self.rows)]

    def read(self, file: Path) -> SourceSong:
        """One song."""
        row = self.rows[file.stem]
        audio = self.folder / "mp3" / row.audio
        found = audio if is_regular(audio) and audio.resolve().parent == (self.folder / "mp3").resolve() else None
        return SourceSong(read_jamendo(self.folder, row), found)

    def to_dali(self, file: Path) -> DaliEntry:
        """One song; each word gets a note without a pitch, since the data set has none."""
        return to_dali(self.read(file).annotation)


def read_table(folder: Path) -> list[JamendoRow]:
    """The table of a copy of JamendoLyrics. Raises DataError if it is missing or lacks a column."""
    path = folder / TABLE
    try:
        rows = list(_rows(path))
        return [
            JamendoRow(
                Path(row["Filepath"]).stem,
                row["Artist"],
                row["Title"],
                language=row["Language"],
                genre=row["Genre"],
                audio=row["Filepath"],
            )
            for row in rows
        ]
    except FileNotFoundError:
        raise DataError(
            f"{display_name(folder)}: no {TABLE} in it", "Give the folder of a copy of f90/jamendolyrics."
        ) from None
    except OSError as error:
        raise DataError(f"{display_name(path)}: cannot be read ({error.strerror})") from None
    except (KeyError, TypeError):
        raise DataError(f"{display_name(path)}: lacks a column of JamendoLyrics") from None
    except (csv.Error, ValueError) as error:
        raise DataError(f"{display_name(path)}: not a table in UTF-8 ({error})") from None


def read_jamendo(folder: Path, row: JamendoRow) -> Annotation:
    """The timed words of one song. Raises DataError if a file is missing or words and times do not match."""
    words_path = folder / "lyrics" / f"{row.name}.words.txt"
    times_path = folder / "annotations" / "words" / f"{row.name}.csv"
    try:
        texts = read_text(words_path).split("\n")
        times = list(_rows(times_path))
        spans = [(float(t["word_start"]), float(t["word_end"]), float(t["line_end"] or "nan")) for t in times]
    except FileNotFoundError as error:
        raise DataError(f"{display_name(Path(error.filename))}: no such file") from None
    except (OSError, KeyError, TypeError, ValueError, csv.Error):
        raise DataError(f"{display_name(times_path)}: not the word times of a Jamendo song") from None
    texts = [text for text in texts if text.strip()]
    if len(texts) != len(spans):
        raise DataError(f"{display_name(times_path)}: times of {len(spans)} words, but the lyrics have {len(texts)}")
    lines: list[list[Word]] = [[]]
    for text, (start_s, end_s, line_end_s) in zip(texts, spans, strict=True):
        lines[-1].append(Word(text.strip(), start_s, end_s))
        if not math.isnan(line_end_s):
            lines.append([])
    return Annotation(
        song_id=song_id_of(row.artist, row.title),
        artist=row.artist,
        title=row.title,
        lines=tuple(Line(tuple(line)) for line in lines if line),
        language=language_name(row.language),
        genres=(row.genre,) if row.genre else (),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(read_text(path, encoding="utf-8-sig"), newline=""))
