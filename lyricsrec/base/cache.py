"""Results kept in files, and the one rule for when a kept result is stale.

A result is kept under a key, which is a digest of everything it was computed from:

- the source code and built-in data of the rooms that compute it, and the version of the package (`source_digest`);
- all settings that can change the result;
- model files, by name, size and modification time (`file_stamps`): hashing gigabytes would take longer than loading;
- the input, by content (`content_digest`), so that a copy under another name has the same results.

When one of these changes, so does the key, and the result is computed again. Nothing is ever deleted: users may delete
a cache folder at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lyricsrec.base.output import write_bytes
from lyricsrec.base.reading.input_files import open_input
from lyricsrec.base.settings import adapter
from lyricsrec.version import VERSION

_LENGTH = 24
_BLOCK = 1 << 20
_PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Cache:
    """Values in a folder, one JSON file for each; without a folder nothing is kept."""

    folder: Path | None = None

    def read(self, key: str, kind: Any) -> Any:
        """The value of type `kind` under a key; None where it is missing or damaged."""
        if self.folder is None:
            return None
        try:
            return adapter(kind).validate_json((self.folder / f"{key}.json").read_bytes())
        except (OSError, ValueError):
            return None

    def write(self, key: str, kind: Any, value: object) -> None:
        """Keep a value of type `kind`, whole or not at all. Raises OutputError when it cannot be written."""
        if self.folder is not None:
            write_bytes(self.folder / f"{key}.json", adapter(kind).dump_json(value))


def result_key(rooms: Iterable[str], settings: Mapping[str, object], models: Iterable[Path] = ()) -> str:
    """The key of what some rooms of the package compute with these settings and model files or folders.

    Combine it with the input: `digest([result_key(...), content_digest(song)])`.
    """
    return digest([source_digest(*rooms), dict(settings), [file_stamps(place) for place in models]])


def digest(value: object) -> str:
    """A short name for plain values; the order of keys does not matter, and paths count as text."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:_LENGTH]


def file_stamps(place: Path) -> list[tuple[str, int, int]]:
    """Name, size and modification time of a file, or of each file in a folder; empty where nothing exists."""
    files = sorted(path for path in (place, *place.glob("*")) if path.is_file())
    return [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]


def content_digest(path: Path) -> str:
    """A short name for the content of a file. Raises OSError when it cannot be read."""
    status = path.stat()
    return _content_digest(path.resolve(), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def source_digest(*rooms: str) -> str:
    """The version of the package, and a digest of all files in these folders of it ("audio", "data", ...)."""
    found = hashlib.sha256()
    for path in sorted(path for room in rooms for path in (_PACKAGE / room).rglob("*") if _is_source(path)):
        found.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{VERSION}-{found.hexdigest()[:_LENGTH]}"


def _is_source(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


@lru_cache(maxsize=4096)
def _content_digest(path: Path, size: int, changed_ns: int) -> str:
    found = hashlib.sha256()
    with open_input(path) as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()[:_LENGTH]
