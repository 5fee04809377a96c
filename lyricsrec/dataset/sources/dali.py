"""DALI (Meseguer-Brocal et al., ISMIR 2018): one annotation file for each song; users have their own audio files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import is_regular
from lyricsrec.dataset.audio_files import AudioIndex
from lyricsrec.dataset.sources.base import SourcePaths, SourceSong
from lyricsrec.formats.dali.entry import (
    SUFFIXES,
    DaliEntry,
    Timing,
    read_data_info,
    read_entry,
    read_ground_truth,
    video_remark,
)

DATA_INFO = "DALI_DATA_INFO"


@dataclass(frozen=True)
class DaliSource:
    """Entries (`.gz` or JSON) below a folder, an index of audio files, and corrected timings by song id."""

    folder: Path
    audio: AudioIndex | None
    ground_truth: Mapping[str, Timing]
    _: KW_ONLY
    data_info: Mapping[str, str]

    @classmethod
    def open(cls, paths: SourcePaths) -> DaliSource:
        """Index the audio, and read the ground truth and DALI's table of songs if there are any. Raises DataError."""
        folder = paths.folder
        if not folder.is_dir():
            raise DataError(
                f"{display_name(folder)}: no such folder", "--annotations takes the folder of DALI's .gz files."
            )
        tables = sorted(folder.rglob(f"{DATA_INFO}.gz")) or sorted(folder.parent.glob(f"info/{DATA_INFO}.gz"))
        return cls(
            folder,
            AudioIndex(paths.audio) if paths.audio else None,
            read_ground_truth(paths.ground_truth) if paths.ground_truth else {},
            data_info=read_data_info(tables[0]) if tables else {},
        )

    def files(self) -> Sequence[Path]:
        """The entries; if one is there both as `.gz` and as JSON, the `.gz`."""
        found: dict[Path, Path] = {}
        for path in sorted(self.folder.rglob("*"), key=lambda path: (path.suffix != ".gz", path)):
            if path.suffix in SUFFIXES and path.is_file() and not _is_table(path):
                found.setdefault(path.with_suffix(""), path)
        return sorted(found.values())

    def read(self, file: Path) -> SourceSong:
        """One entry, with corrected times if the ground truth has it."""
        entry = self.to_dali(file)
        try:
            annotation = entry.annotation()
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise DataError(f"{display_name(file)}: not a usable DALI entry ({error})") from None
        names = (annotation.song_id, f"{annotation.artist} - {annotation.title}")
        found = self.audio.find(names) if self.audio else None
        audio = entry.info.get("audio")
        own = audio.get("path") if isinstance(audio, dict) else None
        if found is None and isinstance(own, str) and own != "None":
            found = self._own_sound(file, own)
        return SourceSong(annotation, found, self.data_info.get(annotation.song_id) or video_remark(entry.info))

    def _own_sound(self, file: Path, name: str) -> Path | None:
        """The sound that an entry names by a path from its own folder; it must lie below the folder of entries."""
        path = file.parent / name
        try:
            is_inside = path.resolve().is_relative_to(self.folder.resolve())
        except (OSError, RuntimeError, ValueError):
            return None
        return path if is_inside and is_regular(path) else None

    def to_dali(self, file: Path) -> DaliEntry:
        """One entry, with corrected times if the ground truth has it."""
        entry = read_entry(file)
        truth = self.ground_truth.get(entry.song_id)
        try:
            return entry.retimed(truth) if truth else entry
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise DataError(f"{display_name(file)}: its times cannot be corrected ({error})") from None


def _is_table(path: Path) -> bool:
    """Whether a file is one of DALI's tables, or metadata that others put beside the entries."""
    return path.name.startswith((DATA_INFO, "gt_v")) or path.name.endswith("metadata.json")
