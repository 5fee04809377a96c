"""Which sound file belongs to which annotated song, and whether it can be used."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.audio.media import SUFFIXES, open_path
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name

_PREFERRED = (".wav", ".flac", ".aiff", ".aif", ".m4a", ".opus", ".ogg", ".mp3")


@dataclass(frozen=True)
class AudioFacts:
    """What is known of a sound file that can be used."""

    duration_s: float


class AudioIndex:
    """The sound files below a folder, found by name.

    A song's file is called by its id, or "artist - title", or is the only one in a folder called so. Of several, the
    one that keeps most of the sound is taken.
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
        """The file of a song that goes by any of these names, tried in order."""
        for name in names:
            if paths := self._by_name.get(_key(name)):
                return min(paths, key=lambda path: (_rank(path), str(path)))
        return None


def probe(path: Path) -> AudioFacts:
    """Open a sound file and read its end, so that one which is cut short is found out.

    Raises AudioError when it is missing, no sound, or damaged.
    """
    with open_path(path) as song:
        duration_s = song.duration_s
        if duration_s is None:
            return AudioFacts(sum(block.duration_s for block in song.blocks()))
        if duration_s <= 0:
            raise AudioError(f"{display_name(path)}: it holds no sound")
        if song.is_cut_short():
            raise AudioError(f"{display_name(path)}: cut short: nothing can be read at its end, {duration_s:.1f} s")
    return AudioFacts(duration_s)


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _rank(path: Path) -> int:
    suffix = path.suffix.lower()
    return _PREFERRED.index(suffix) if suffix in _PREFERRED else len(_PREFERRED)
