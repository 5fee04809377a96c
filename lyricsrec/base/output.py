"""Writes files atomically: under a temporary name first, so that an interruption leaves no partial file.

A file that is complete is on the disk, not only in memory, before it gets its name: a power cut leaves the old file or
the new one. A folder that was checked and vanishes later is an error; it is not made again without its other files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from lyricsrec.base.errors import OutputError

_expected: dict[Path, int | None] = {}
"""Folders that were checked; while one is unused, the device of the folder around it."""
_made: list[Path] = []
"""Folders that `check_writable` made, those inside of others after them."""


def display_name(path: Path) -> str:
    """A path as one printable line: control characters are escaped."""
    return printable(str(path))


def printable(text: str) -> str:
    """A text without control characters, marks of the writing direction and lone surrogates: they are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def encodable(text: str) -> str:
    """A text that every file can hold: lone surrogates, as in file names that are not UTF-8, are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, whose folder is created; a file there is removed when the block ends.

    Raises OutputError for an OSError in the block: the folder or the file cannot be written, or has vanished.
    """
    temporary = path.with_name(_temporary_name())
    try:
        make_folder(path.parent)
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
        publish(temporary, path)


def publish(temporary: Path, path: Path) -> None:
    """Give a complete file its name, once it is on the disk. Raises OSError."""
    flush(temporary)
    temporary.replace(path)
    flush_folder(path.parent)


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder to fill, which becomes `folder` when the block succeeds, and is removed otherwise.

    Raises OutputError when `folder` exists and is not empty, or cannot be written.
    """
    wanted = folder.absolute()
    if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        raise OutputError(f"{display_name(folder)} is not empty", "Choose another --output.")
    temporary = wanted.with_name(f".{wanted.name}-{uuid4().hex[:8]}.tmp")
    try:
        temporary.mkdir(parents=True)
        yield temporary
        finish_folder(temporary)
        with contextlib.suppress(FileNotFoundError):
            wanted.rmdir()
        temporary.rename(wanted)
    except OSError as error:
        raise OutputError(f"cannot write {display_name(folder)} ({error.strerror or error})") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def finish_folder(folder: Path) -> None:
    """Flush the files of a folder to the disk, readable for others as the umask allows. Raises OSError."""
    mode = new_file_mode(folder)
    for path in (p for p in folder.rglob("*") if p.is_file()):
        # safetensors lets only the owner read what it writes.
        path.chmod(mode)
        flush(path)


def flush(path: Path) -> None:
    """Return when a file is on the disk. Raises OSError, also for a disk that turns out to be full."""
    # Windows flushes only files that are open for writing.
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk, where the system can do that."""
    if os.name == "nt":
        return
    # Some file systems refuse it for folders.
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def make_folder(folder: Path) -> None:
    """Create a folder if needed. Raises OSError, also where a folder that was checked has vanished."""
    wanted = folder.absolute()
    for checked in (wanted, *wanted.parents):
        if has_vanished(checked):
            raise FileNotFoundError(errno.ENOENT, f"the folder {display_name(checked)} has vanished")
    folder.mkdir(parents=True, exist_ok=True)
    for used in _expected.keys() & {wanted, *wanted.parents}:
        _expected[used] = None


def has_vanished(folder: Path) -> bool:
    """Whether a folder that was checked is missing, unless it was unused, and another command has removed it."""
    wanted = folder.absolute()
    if wanted not in _expected or wanted.is_dir():
        return False
    return _expected[wanted] != _device_around(wanted)


def _device_around(folder: Path) -> int | None:
    """The device of the innermost folder around this one that exists."""
    around = next((path for path in folder.parents if path.is_dir()), None)
    return None if around is None else around.stat().st_dev


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically as UTF-8; bytes of file names that are not UTF-8 are escaped.

    Raises OutputError when it cannot be written.
    """
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically.

    Raises OutputError when it cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def new_file_mode(folder: Path) -> int:
    """The permissions of a new file in a folder, which libraries such as safetensors do not give to theirs."""
    probe = folder / _temporary_name()
    opened = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        return stat.S_IMODE(os.fstat(opened).st_mode)
    finally:
        os.close(opened)
        probe.unlink()


def check_writable(folder: Path, flag: str = "--output") -> None:
    """Create a folder, and raise OutputError if no file can be written into it; to be called before any work.

    From then on, the folder must stay: writing below it is an error where it is missing. `flag` is the option that
    names the folder.
    """
    probe = folder / _temporary_name()
    wanted = folder.absolute()
    missing = [path for path in (*reversed(wanted.parents), wanted) if not path.exists()]
    try:
        _made.extend(missing)
        folder.mkdir(parents=True, exist_ok=True)
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"cannot write into {display_name(folder)} ({error.strerror})",
            f"Choose another {flag}, or fix the permissions of the folder.",
        ) from None
    _expected[wanted] = None if any(wanted.iterdir()) else _device_around(wanted)


def expect(folder: Path) -> None:
    """From now on, writing below a folder that has vanished is an error in this process."""
    _expected[folder.absolute()] = None


def remove_unused() -> None:
    """Remove the folders that `check_writable` made and that are still empty, when a command ends."""
    while _made:
        folder = _made.pop()
        with contextlib.suppress(OSError):
            folder.rmdir()


def sweep(folder: Path, pattern: str = "") -> None:
    """Remove the temporary files and folders of a killed run from a folder, or its subfolders that match a pattern."""
    for path in folder.glob(f"{pattern}.lyricsrec-*.tmp"):
        with contextlib.suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _temporary_name() -> str:
    return f".lyricsrec-{uuid4().hex[:12]}.tmp"
