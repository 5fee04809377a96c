"""Finds the audio file of an annotated song, and checks that it can be used."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from lyricsrec.audio.media import SUFFIXES, open_path
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import is_regular

_DRIVE = re.compile(r"[A-Za-z]:")
_PREFERRED = (".wav", ".flac", ".aiff", ".aif", ".m4a", ".opus", ".ogg", ".mp3")


class AudioIndex:
    """The audio files below a folder, by name.

    The file of a song has its id or "artist - title" as its name, or is the only one in a folder of that name. Of
    several files, the one in the best format is taken (lossless first).
    """

    def __init__(self, folder: Path) -> None:
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        in_folder: dict[Path, list[Path]] = defaultdict(list)
        for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()):
            self._by_name[_key(path.stem)].append(path)
            in_folder[path.parent].append(path)
        for parent, paths in in_folder.items():
            if len(paths) == 1 and parent != folder:
                self._by_name[_key(parent.name)] += paths

    def find(self, names: Iterable[str]) -> Path | None:
        """The file of the first of these names that has one, or None."""
        for name in names:
            if paths := self._by_name.get(_key(name)):
                return min(paths, key=lambda path: (_rank(path), str(path)))
        return None


def find_named(folder: Path, name: str) -> Path | None:
    """The file that a song in `folder` names, as people write names: with backslashes, in other case or Unicode form.

    Of a path on another machine only the file name counts. Without such a file, the audio file with another ending.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or name.startswith(("/", "\\")) or _DRIVE.match(name):
        parts = parts[-1:]
    place = folder
    for part in parts[:-1]:
        found = _child(place, part, _is_folder)
        if found is None:
            return None
        place = found
    return _child(place, parts[-1], is_regular) if parts else None


def _child(folder: Path, name: str, fits: Callable[[Path], bool]) -> Path | None:
    """The file or folder of that name; else the one whose name is equal but for case and Unicode form, or ending."""
    exact = folder / name
    if name == ".." or fits(exact):
        return exact
    others = [path for path in sorted(folder.iterdir()) if fits(path)]
    equal = [path for path in others if _key(path.name) == _key(name)]
    wanted = Path(name)
    if not equal and wanted.suffix.lower() in SUFFIXES:
        equal = [path for path in others if _key(path.stem) == _key(wanted.stem) and path.suffix.lower() in SUFFIXES]
    return min(equal, key=lambda path: (_rank(path), str(path)), default=None)


def probe(path: Path) -> float:
    """The duration of an audio file in seconds, by counting its packets, which reveals truncated files.

    Raises AudioError if the file is missing, not audio, or damaged.
    """
    with open_path(path) as song:
        duration_s = song.duration_s
        if duration_s <= 0:
            raise AudioError(f"{display_name(path)}: no audio in it")
        if song.is_cut_short():
            raise AudioError(f"{display_name(path)}: truncated: it ends after {duration_s:.1f} s")
    return duration_s


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _rank(path: Path) -> int:
    suffix = path.suffix.lower()
    return _PREFERRED.index(suffix) if suffix in _PREFERRED else len(_PREFERRED)
