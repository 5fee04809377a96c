"""One server for a data folder: two would remove each other's uploads, and overwrite each other's corrections."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.base.output import display_name


@contextlib.contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Keep other servers out of a data folder, which is made where there is none, until the block or this process ends.

    Raises UsageError when another one is at work there, OutputError when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (folder / "serve.lock").open("w")
    except OSError as error:
        raise OutputError(
            f"cannot write into {display_name(folder)} ({error.strerror})", "Name another --data."
        ) from None
    with file:
        try:
            _lock(file)
        except OSError:
            raise UsageError(
                f"another `lyricsrec serve` works in {display_name(folder)}", "Use that one, or name another --data."
            ) from None
        yield


def _lock(file: TextIO) -> None:
    """Lock a file until it is closed, however that comes about. Raises OSError where another process has locked it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
