"""One server for each data folder: two would delete each other's uploads and overwrite each other's corrections."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.base.output import display_name


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a data folder, which is created if needed, until the block or this process ends.

    Raises UsageError when another server has locked it, OutputError when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder / "serve.lock", blocking=False, fallback_to_soft=False)
        lock.acquire()
    except Timeout:
        raise UsageError(
            f"another `lyricsrec serve` is using {display_name(folder)}",
            "Use that server, or choose another folder with --data.",
        ) from None
    except OSError as error:
        raise OutputError(
            f"cannot write to {display_name(folder)} ({error.strerror})", "Choose another folder with --data."
        ) from None
    try:
        yield
    finally:
        lock.release()
