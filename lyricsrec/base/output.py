"""Writes files atomically: under a temporary name first, so that an interruption leaves no partial file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from lyricsrec.base.errors import OutputError


def display_name(path: Path) -> str:
    """A path as one printable line: control characters are escaped."""
    return printable(str(path))


def printable(text: str) -> str:
    """A text without control characters, marks of the writing direction and lone surrogates: they are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, whose folder is created; a file there is removed when the block ends.

    Raises OutputError for an OSError in the block: the folder or the file cannot be written.
    """
    temporary = path.with_name(_temporary_name())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
    except OSError as error:
        raise OutputError(f"cannot write {display_name(path)} ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that is renamed to it when the block succeeds, and removed otherwise.

    Raises OutputError when the folder or the file cannot be written.
    """
    with beside(path) as temporary:
        yield temporary
        temporary.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically as UTF-8.

    Raises OutputError when it cannot be written.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically.

    Raises OutputError when it cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def check_writable(folder: Path, flag: str = "--output") -> None:
    """Create a folder, and raise OutputError if no file can be written into it; to be called before any work.

    `flag` is the option that names the folder.
    """
    probe = folder / _temporary_name()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"cannot write into {display_name(folder)} ({error.strerror})",
            f"Choose another {flag}, or fix the permissions of the folder.",
        ) from None


def sweep(folder: Path, pattern: str = "") -> None:
    """Remove the temporary files of a killed run from a folder, or from its subfolders that match a pattern."""
    for path in folder.glob(f"{pattern}.lyricsrec-*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()


def _temporary_name() -> str:
    return f".lyricsrec-{uuid4().hex[:12]}.tmp"
