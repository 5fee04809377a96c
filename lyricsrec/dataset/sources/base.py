"""Where annotated songs come from: DALI, UltraStar folders, JamendoLyrics. Each lists its songs and reads one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Protocol

from lyricsrec.audio.media import SUFFIXES as AUDIO_SUFFIXES
from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.audio_files import AudioIndex
from lyricsrec.dataset.sources.jamendolyrics import JamendoRow, read_jamendo, read_table
from lyricsrec.formats.dali.entry import SUFFIXES, DaliEntry, Timing, read_data_info, read_entry, video_remark
from lyricsrec.formats.dali.export import to_dali
from lyricsrec.formats.karaoke.ultrastar import read_ultrastar
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.languages import language_name

DATA_INFO = "DALI_DATA_INFO"

_KARAOKE_TITLE = re.compile(r"[(\[]\s*(?:kar|karaoke|instr|instrumental)\b", re.IGNORECASE)


@dataclass(frozen=True)
class SourceSong:
    """An annotation and the sound file that belongs to it; without one, `remark` may say what is known of it."""

    annotation: Annotation
    audio: Path | None
    remark: str | None = None


class Source(Protocol):
    """A data set before it is prepared. Instances travel to worker processes."""

    def files(self) -> Sequence[Path]:
        """The file that stands for each song, in a fixed order."""

    def read(self, file: Path) -> SourceSong:
        """One song. Raises DataError when it cannot be used."""

    def to_dali(self, file: Path) -> DaliEntry:
        """One song as a DALI entry. Raises DataError when it cannot be used."""


@dataclass(frozen=True)
class DaliSource:
    """DALI annotations (`.gz` or JSON) in a folder, and the user's sound files in another."""

    folder: Path
    audio: AudioIndex | None
    ground_truth: Mapping[str, Timing]
    _: KW_ONLY
    data_info: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path, audio: AudioIndex | None, ground_truth: Mapping[str, Timing]) -> DaliSource:
        """A source of the entries below a folder, with its info table where it has one. Raises DataError."""
        if not folder.is_dir():
            raise DataError(
                f"{display_name(folder)}: no such folder", "--annotations takes DALI's folder of .gz files."
            )
        tables = sorted(folder.rglob(f"{DATA_INFO}.gz")) or sorted(folder.parent.glob(f"info/{DATA_INFO}.gz"))
        return cls(folder, audio, ground_truth, data_info=read_data_info(tables[0]) if tables else {})

    def files(self) -> Sequence[Path]:
        """The entries; of an entry that is there twice, the `.gz`."""
        found: dict[Path, Path] = {}
        for path in sorted(self.folder.rglob("*"), key=lambda path: (path.suffix != ".gz", path)):
            if path.suffix in SUFFIXES and path.is_file() and not _is_extra(path):
                found.setdefault(path.with_suffix(""), path)
        return sorted(found.values())

    def read(self, file: Path) -> SourceSong:
        """One entry, with the beats of the ground truth where that has them."""
        entry = self.to_dali(file)
        try:
            annotation = entry.annotation()
        except (ValueError, TypeError, OverflowError) as error:
            raise DataError(f"{display_name(file)}: not a usable DALI entry ({error})") from None
        names = (annotation.song_id, f"{annotation.artist} - {annotation.title}")
        found = self.audio.find(names) if self.audio else None
        own = (entry.info.get("audio") or {}).get("path")
        if found is None and isinstance(own, str) and own != "None" and (file.parent / own).is_file():
            found = file.parent / own
        return SourceSong(annotation, found, self.data_info.get(annotation.song_id) or video_remark(entry.info))

    def to_dali(self, file: Path) -> DaliEntry:
        """One entry as it is, or as the ground truth corrects it."""
        entry = read_entry(file)
        truth = self.ground_truth.get(entry.song_id)
        try:
            return entry.retimed(truth) if truth else entry
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise DataError(f"{display_name(file)}: cannot be re-timed ({error})") from None


@dataclass(frozen=True)
class UltraStarSource:
    """A folder of UltraStar songs, each with its sound file beside it."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> UltraStarSource:
        """A source of the songs below a folder. Raises DataError."""
        if not folder.is_dir():
            raise DataError(f"{display_name(folder)}: no such folder")
        return cls(folder)

    def files(self) -> Sequence[Path]:
        """The text files that hold notes: lyrics and licences lie about in such folders too."""
        texts = sorted(path for path in self.folder.rglob("*") if path.suffix.lower() == ".txt" and path.is_file())
        return [path for path in texts if _looks_like_ultrastar(path)]

    def read(self, file: Path) -> SourceSong:
        """One song; its sound file is the one it names, or else the only one beside it."""
        song = read_ultrastar(file)
        try:
            annotation = song.annotation()
        except DataError as error:
            raise DataError(f"{display_name(file)}: {error}") from None
        if not annotation.title:
            annotation = replace(annotation, title=file.stem)
        named = file.parent / song.audio if song.audio else None
        if named is not None and named.is_file() and named.resolve().is_relative_to(self.folder.resolve()):
            if _may_be_sung(named) and not _KARAOKE_TITLE.search(annotation.title):
                return SourceSong(annotation, named)
            return SourceSong(annotation, None, f"nobody sings in '{song.audio}', by its name or title")
        beside = [path for path in sorted(file.parent.iterdir()) if _may_be_sung(path)]
        texts = [path for path in file.parent.glob("*.txt") if _looks_like_ultrastar(path)]
        if len(beside) == len(texts) == 1:
            return SourceSong(annotation, beside[0])
        return SourceSong(annotation, None, f"it names '{song.audio}'" if song.audio else "it names none")

    def to_dali(self, file: Path) -> DaliEntry:
        """One song with its beats and notes."""
        song = read_ultrastar(file)
        annotation = self.read(file).annotation
        return to_dali(annotation, Timing(4 * (song.bpm or 0.0), song.gap_s))


@dataclass(frozen=True)
class JamendoSource:
    """A copy of JamendoLyrics: its table, lyrics, word times, and the songs that are there."""

    folder: Path
    rows: Mapping[str, JamendoRow]

    @classmethod
    def open(cls, folder: Path) -> JamendoSource:
        """Read the table of the data set. Raises DataError."""
        return cls(folder, {row.name: row for row in read_table(folder)})

    def files(self) -> Sequence[Path]:
        """The word times of each song."""
        return [self.folder / "annotations" / "words" / f"{name}.csv" for name in sorted(self.rows)]

    def read(self, file: Path) -> SourceSong:
        """One song."""
        row = self.rows[file.stem]
        audio = self.folder / "mp3" / row.audio
        found = audio if audio.is_file() and audio.resolve().parent == (self.folder / "mp3").resolve() else None
        return SourceSong(read_jamendo(self.folder, row), found)

    def to_dali(self, file: Path) -> DaliEntry:
        """One song; Jamendo has no notes, so each word gets one without a pitch."""
        return to_dali(self.read(file).annotation)


def languages_of(names: Sequence[str]) -> tuple[str, ...]:
    """What `--language` means: English names in lower case; empty for all."""
    if any(name.lower() == "all" for name in names):
        return ()
    return tuple(dict.fromkeys(language_name(name) or name for name in names))


def _is_extra(path: Path) -> bool:
    """DALI's own tables, and the metadata that others lay beside the entries."""
    return path.name.startswith((DATA_INFO, "gt_v")) or path.name.endswith("metadata.json")


def _looks_like_ultrastar(path: Path) -> bool:
    try:
        head = path.open("rb").read(4096)
    except OSError:
        return True
    return b"#" in head[:64] and b"TITLE" in head.upper().replace(b"\0", b"")


def _may_be_sung(path: Path) -> bool:
    """Whether a file may be the mix that was sung to: not one without the voice."""
    stem = path.stem.lower()
    return path.suffix.lower() in AUDIO_SUFFIXES and not any(word in stem for word in ("instr", "karaoke"))
