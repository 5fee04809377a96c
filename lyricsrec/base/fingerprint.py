"""Names for contents and settings, by which results are kept: the same name, the same result."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from lyricsrec.version import VERSION

_LENGTH = 24
_BLOCK = 1 << 20
_NOT_HEARING = ("cli", "plot", "scoring", "training", "web")


def digest(key: object) -> str:
    """A short name for a value that JSON can hold."""
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:_LENGTH]


def stamps(place: Path) -> list[tuple[str, int, int]]:
    """Names, sizes and times of the files in a folder, or of one file; none where there is nothing."""
    files = sorted(path for path in (place, *place.glob("*")) if path.is_file())
    return [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]


def content(path: Path) -> str:
    """A name for what is in a file. Raises OSError when it cannot be read."""
    status = path.stat()
    return _content(path.resolve(), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _content(path: Path, size: int, changed_ns: int) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()[:_LENGTH]


@lru_cache(maxsize=1)
def this_code() -> str:
    """A name for this version of lyricsrec, down to the source of all that hears: other code, other result."""
    package = Path(__file__).parent.parent
    paths = (path for path in sorted(package.rglob("*.py")) if path.relative_to(package).parts[0] not in _NOT_HEARING)
    sources = (path.read_bytes() for path in paths)
    return f"{VERSION}-{hashlib.sha256(b''.join(sources)).hexdigest()[:_LENGTH]}"
