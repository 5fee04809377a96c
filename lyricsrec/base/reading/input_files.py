"""Opens files that users or their data name: regular files of bounded size only, so that nothing waits or floods.

A FIFO, a device, a socket or a folder is refused before it is opened, because opening one can wait for ever or do
something. Every failure is an OSError whose `strerror` says what is wrong, so that callers report it like any other.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

TEXT_BYTES = 16 << 20
"""Maximum size of a file of text: lyrics, settings, tables. Hours of words with times take a tenth of it."""

DOCUMENT_BYTES = 64 << 20
"""Maximum size of a document, such as a report with all words or a tokenizer."""

_KINDS = (
    (stat.S_ISFIFO, "a FIFO, not a regular file"),
    (stat.S_ISCHR, "a device, not a regular file"),
    (stat.S_ISBLK, "a device, not a regular file"),
    (stat.S_ISSOCK, "a socket, not a regular file"),
)
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY", "O_CLOEXEC"))


def open_input(path: Path) -> BinaryIO:
    """Open a regular file for reading. Raises OSError for anything else, at once."""
    try:
        _check(path.stat().st_mode, path)
        # Unlike one made from a descriptor, this file knows its name, whose ending readers of sound go by.
        file = open(path, "rb", opener=_open)  # noqa: SIM115
    except ValueError:
        raise OSError(errno.EINVAL, "not a possible file name", str(path)) from None
    try:
        # It may have been replaced in between.
        _check(os.fstat(file.fileno()).st_mode, path)
    except OSError:
        file.close()
        raise
    return file


def read_input(path: Path, limit: int = TEXT_BYTES) -> bytes:
    """The content of a regular file. Raises OSError for anything else, and for one of more than `limit` bytes."""
    with open_input(path) as file:
        return read_bounded(file, limit)


def read_text(path: Path, limit: int = TEXT_BYTES, encoding: str = "utf-8") -> str:
    """The text of a regular file. Raises OSError as `read_input` does, UnicodeDecodeError for another encoding."""
    return read_input(path, limit).decode(encoding)


def read_bounded(file: BinaryIO, limit: int = TEXT_BYTES) -> bytes:
    """What is left of a file or stream. Raises OSError if it is more than `limit` bytes."""
    data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit >> 20} MB")
    return data


def rows_of(file: BinaryIO, limit: int = TEXT_BYTES) -> Iterator[bytes]:
    """The rows of a file, one in memory at a time. Raises OSError for a row of more than `limit` bytes."""
    while row := file.readline(limit + 1):
        if len(row) > limit:
            raise OSError(errno.EFBIG, f"a row is longer than {limit >> 20} MB")
        yield row


def is_regular(path: Path) -> bool:
    """Whether there is a regular file of this name, also where no file can have such a name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def check_regular(folder: Path) -> None:
    """Raise OSError if something in a folder is neither a regular file nor a folder: readers of models would wait."""
    for path in sorted(folder.iterdir()):
        if path.exists() and not path.is_dir():
            _check(path.stat().st_mode, path)


def _open(path: str, _: int) -> int:
    return os.open(path, _FLAGS)


def _check(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "this is a folder", str(path))
    for fits, kind in _KINDS:
        if fits(mode):
            raise OSError(errno.EINVAL, kind, str(path))
