"""Folders of UltraStar songs: a text file with notes for each song, and its audio file beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lyricsrec.audio.media import SUFFIXES as AUDIO_SUFFIXES
from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input
from lyricsrec.dataset.audio_files import find_named
from lyricsrec.dataset.sources.base import SourcePaths, SourceSong
from lyricsrec.formats.dali.entry import DaliEntry, Timing
from lyricsrec.formats.dali.export import to_dali
from lyricsrec.formats.karaoke.ultrastar import read_ultrastar

# At the start of a row, or behind a byte order mark.
_TITLE_TAG = re.compile(rb"(?:^|[\r\n\xbf\xfe\xff])[ \t]*#[ \t]*TITLE[ \t]*:", re.IGNORECASE)
_KARAOKE_TITLE = re.compile(r"[(\[]\s*(?:kar|karaoke|instr|instrumental)\b", re.IGNORECASE)


@dataclass(frozen=True)
class UltraStarSource:
    """The songs below a folder."""

    folder: Path

    @classmethod
    def open(cls, paths: SourcePaths) -> UltraStarSource:
        """The songs below a folder. Raises DataError if it does not exist."""
        if not paths.folder.is_dir():
            raise DataError(f"{display_name(paths.folder)}: no such folder")
        return cls(paths.folder)

    def files(self) -> Sequence[Path]:
        """The text files with notes in them; such folders also hold lyrics and licences."""
        texts = sorted(path for path in self.folder.rglob("*") if path.suffix.lower() == ".txt" and path.is_file())
        return [path for path in texts if _looks_like_ultrastar(path)]

    def read(self, file: Path) -> SourceSong:
        """One song with the audio file that it names, or else the only one beside it."""
        song = read_ultrastar(file)
        try:
            annotation = song.annotation()
        except DataError as error:
            raise DataError(f"{display_name(file)}: {error}") from None
        if not annotation.title:
            annotation = replace(annotation, title=file.stem)
        problems = tuple(map(str, song.problems))
        audio, remark = self._audio(file, song.audio, annotation.title)
        return SourceSong(annotation, audio, remark, problems=problems)

    def _audio(self, file: Path, name: str | None, title: str) -> tuple[Path | None, str | None]:
        """The audio file of a song that names `name`, or why there is none."""
        named = find_named(file.parent, name) if name else None
        if named is not None and named.resolve().is_relative_to(self.folder.resolve()):
            if _may_have_vocals(named) and not _KARAOKE_TITLE.search(title):
                return named, None
            return None, f"'{name}' is instrumental, by its name or title"
        beside = [path for path in sorted(file.parent.iterdir()) if _may_have_vocals(path)]
        texts = [path for path in file.parent.glob("*.txt") if _looks_like_ultrastar(path)]
        if len(beside) == len(texts) == 1:
            return beside[0], None
        return None, f"the song names '{name}'" if name else "the song names no audio file"

    def to_dali(self, file: Path) -> DaliEntry:
        """One song with its beats and notes."""
        song = read_ultrastar(file)
        annotation = self.read(file).annotation
        return to_dali(annotation, Timing(4 * (song.bpm or 0.0), song.gap_s))


def _looks_like_ultrastar(path: Path) -> bool:
    try:
        with open_input(path) as file:
            head = file.read(4096)
    except OSError:
        return True
    return _TITLE_TAG.search(head.replace(b"\0", b"")) is not None


def _may_have_vocals(path: Path) -> bool:
    """Whether a file is audio, and not an instrumental version by its name."""
    stem = path.stem.lower()
    return path.suffix.lower() in AUDIO_SUFFIXES and not any(word in stem for word in ("instr", "karaoke"))
