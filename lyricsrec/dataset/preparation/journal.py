"""A journal of finished songs, from which an interrupted preparation continues."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.base.output import display_name
from lyricsrec.dataset.manifest import to_line
from lyricsrec.dataset.preparation.song import PreparedSong, SongSummary

NAME = ".lyricsrec-prepare.jsonl"
LOCK = ".lyricsrec-prepare.lock"


class Journal:
    """Prepared songs in a file, one per line, looked up by their annotation file.

    A song counts as finished as long as its annotation and its audio file are unchanged. The journal of a run with
    other `settings` is discarded. Only one song is held in memory at a time.
    """

    def __init__(self, file: BinaryIO, settings: str) -> None:
        self._file = file
        self._places: dict[str, tuple[int, str]] = {}
        self._restore(settings)

    def finished(self, path: Path) -> bool:
        """Whether the song of an annotation file has been prepared, from files that have not changed since."""
        place = self._places.get(str(path))
        return place is not None and place[1] == _stamp(path) and self._audio_is_unchanged(place[0])

    def add(self, path: Path, entry: bytes) -> None:
        """Add the result for a song, as encoded by `encode`."""
        place = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(entry)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise OutputError(
                f"cannot write {NAME} ({error.strerror})", "Free some space, then run it again."
            ) from None
        self._places[str(path)] = (place, _stamp(path))

    def summary(self, path: Path) -> SongSummary:
        """The summary of a song, for the report."""
        summary = self._row(self._places[str(path)][0])["summary"]
        return SongSummary(**{**summary, "dropped": Counter(summary["dropped"])})

    def audio(self, path: Path) -> Path:
        """The audio file of a song that is used."""
        return Path(self._row(self._places[str(path)][0])["audio"])

    def rows(self, path: Path, split: str) -> tuple[str, str]:
        """Lines of the manifests for a song in a split: its own, and those of its chunks."""
        row = self._row(self._places[str(path)][0])
        return to_line({**row["song"], "split": split}), row["chunk_lines"]

    def _restore(self, settings: str) -> None:
        head = json.dumps({"settings": settings}).encode() + b"\n"
        self._file.seek(0)
        if self._file.readline() != head:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(head)
            return
        while True:
            place = self._file.tell()
            line = self._file.readline()
            if not line.endswith(b"\n"):
                # The run was killed while it wrote this line.
                self._file.seek(place)
                self._file.truncate()
                return
            try:
                row = json.loads(line)
            except ValueError:
                # The power failed while it was written.
                self._file.seek(place)
                self._file.truncate()
                return
            # Songs that were left out are quick to read again, and may have an audio file now.
            if row["summary"]["left_out"] is None:
                self._places[row["path"]] = (place, row["stamp"])

    def _row(self, place: int) -> dict[str, Any]:
        self._file.seek(place)
        row: dict[str, Any] = json.loads(self._file.readline())
        return row

    def _audio_is_unchanged(self, place: int) -> bool:
        row = self._row(place)
        return bool(_stamp(Path(row["audio"])) == row["audio_stamp"])


def encode(path: Path, song: PreparedSong) -> bytes:
    """A prepared song as a line of the journal. Workers call this, so that the parent process only writes."""
    row = {
        "path": str(path),
        "stamp": _stamp(path),
        "audio_stamp": _stamp(song.audio) if song.audio else None,
        "audio": str(song.audio) if song.audio else None,
        "summary": vars(song.summary),
        "song": song.song.to_dict() if song.song else None,
        "chunk_lines": "".join(to_line(chunk.to_dict()) for chunk in song.chunks),
    }
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


@contextlib.contextmanager
def journal_in(folder: Path, settings: str) -> Iterator[Journal]:
    """The journal of an output folder; it stays if the block fails, and is removed if it succeeds.

    Raises UsageError while another process prepares a data set in the folder, OutputError when it cannot be written.
    """
    path, lock = folder / NAME, FileLock(folder / LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(
            f"another command is preparing a data set in {display_name(folder)}",
            "Wait until it has finished, or choose another --output.",
        ) from None
    try:
        with _reported(path):
            path.touch()
            file = path.open("r+b")
        with file:
            yield Journal(file, settings)
        with _reported(path):
            path.unlink()
    finally:
        lock.release()
        # Nobody waits for it: others have given up.
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink()


@contextlib.contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {display_name(path)} ({error.strerror})") from None


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "missing"
    return f"{status.st_size}-{status.st_mtime_ns}"
