"""The cover of a song: the picture in the tags of its file."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FRONT = 3
_SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png"}


@dataclass(frozen=True)
class Cover:
    """An encoded image, and how files of its kind end."""

    data: bytes
    suffix: str


def cover_of(path: Path) -> Cover | None:
    """The front cover in the tags of a file, else its first picture; None without one in JPEG or PNG."""
    import mutagen

    try:
        file = mutagen.File(path)
    except (mutagen.MutagenError, OSError):
        return None
    if file is None:
        return None
    pictures = sorted(_pictures(file), key=lambda picture: picture[0] != _FRONT)
    for _, data in pictures:
        for start, suffix in _SUFFIXES.items():
            if data.startswith(start):
                return Cover(data, suffix)
    return None


def _pictures(file: Any) -> list[tuple[int, bytes]]:
    """Kind and data of all pictures: of FLAC, ID3, MP4 and Ogg."""
    from mutagen.flac import Picture
    from mutagen.id3 import ID3

    found = [(picture.type, picture.data) for picture in getattr(file, "pictures", [])]
    tags = file.tags
    if isinstance(tags, ID3):
        found += [(int(frame.type), frame.data) for frame in tags.getall("APIC")]
    elif tags is not None and "covr" in tags:
        found += [(_FRONT, bytes(data)) for data in tags["covr"]]
    elif tags is not None and "metadata_block_picture" in tags:
        for text in tags["metadata_block_picture"]:
            try:
                picture = Picture(base64.b64decode(text))
            except (binascii.Error, ValueError, mutagen_error()):
                continue
            found.append((picture.type, picture.data))
    return found


def mutagen_error() -> type[Exception]:
    """The base of mutagen's errors."""
    import mutagen

    error: type[Exception] = mutagen.MutagenError
    return error
