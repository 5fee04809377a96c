"""Where the sounds of a data set may lie: in its folder, and in the folders that its user named for it.

Manifests come from others, too, and name sounds by paths. A path that leads out of the manifest's folder, by itself or
by a link, is followed only into a folder that this user gave for that data set: `dali-prepare` and `import` remember
where the songs lay that they wrote into manifests, `--audio` of other commands adds one. The memory lies in the user's
data folder, not in the data set, which would vouch for itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name, printable, write_text
from lyricsrec.base.reading.input_files import read_text


def sound_path(folder: Path, name: str) -> Path:
    """The file that a manifest in `folder` calls `name`.

    Raises AudioError, without opening anything, for a file outside the folders that may be read.
    """
    path = folder / name
    try:
        parents = path.resolve().parents
        if folder.resolve() in parents:
            return path
    except (OSError, RuntimeError, ValueError):
        raise AudioError(f"{printable(str(path))[:200]}: not a possible file name") from None
    if _remembered(folder).isdisjoint(parents):
        raise AudioError(
            f"{display_name(path)}: outside the folder of the manifest",
            f"If you trust the manifest, name the folder of its songs: --audio {display_name(path.resolve().parent)}",
        )
    return path


def remember_sounds(folder: Path, sounds: Iterable[Path]) -> None:
    """Remember folders outside `folder` in which a data set may name sounds. Raises OutputError."""
    own = folder.resolve()
    given = {place.resolve() for place in sounds}
    known = _remembered(folder)
    outside = {place for place in given if place != own and own not in place.parents}
    # A folder below another needs no row of its own.
    kept = {place for place in outside | known if (outside | known).isdisjoint(place.parents)}
    if kept != known:
        write_text(_memory(folder), "".join(f"{place}\n" for place in sorted(map(str, kept)) if place.isprintable()))


def _remembered(folder: Path) -> set[Path]:
    try:
        return {Path(row) for row in read_text(_memory(folder)).split("\n") if row}
    except (OSError, UnicodeDecodeError):
        return set()


def _memory(folder: Path) -> Path:
    place = Path(platformdirs.user_data_dir("lyricsrec", appauthor=False)) / "sounds"
    return place / f"{hashlib.sha256(str(folder.resolve()).encode('utf-8', 'surrogateescape')).hexdigest()[:24]}.txt"
