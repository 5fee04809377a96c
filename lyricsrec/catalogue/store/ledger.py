"""The ledger: what happened to each song, one JSON line for each event.

Each process appends to a file of its own, and readers merge all files. So no file has two writers, which no network
file system makes safe (SQLite's locks fail there, and so does appending from two machines), and a process that is
killed can only leave an incomplete last line, which is skipped. The merged state does not depend on the order of the
files: `round` counts how often a song was given another chance, and the events of its last round decide.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, BinaryIO, Literal

from annotated_types import Ge

from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import display_name, make_folder
from lyricsrec.base.settings import adapter

DONE, FAILED, DIED, RETRY, START, STOP = "done", "failed", "died", "retry", "start", "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of a ledger: one of the events above, of the song `key`, or of the process if it is empty."""

    event: Literal["done", "failed", "died", "retry", "start", "stop"]
    at_s: Annotated[float, Ge(0)]
    key: str = ""
    round: Annotated[int, Ge(0)] = 0
    kind: str = ""
    message: str = ""
    seconds: Annotated[float, Ge(0)] = 0.0
    audio_s: Annotated[float, Ge(0)] = 0.0
    machine: str = ""
    workers: Annotated[int, Ge(0)] = 0


@dataclass(slots=True, kw_only=True)
class SongRecord:
    """What the ledgers say about a song in its last round.

    `status` is None where it is neither done nor failed; `num_died` is how many workers died with it.
    """

    status: str | None = None
    round: int = 0
    num_died: int = 0
    kind: str = ""
    message: str = ""
    seconds: float = 0.0
    audio_s: float = 0.0
    at_s: float = 0.0
    process: str = ""
    machine: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.status is not None

    def add(self, event: Event, process: str) -> None:
        """Take an event into account; the result is the same in any order."""
        if event.round > self.round:
            self.status, self.num_died, self.round = None, 0, event.round
            self.kind = self.message = ""
        if event.round < self.round or event.event == RETRY:
            return
        if event.event == DIED:
            self.num_died += 1
        elif self.status is None or (event.event, -event.at_s, process) < (self.status, -self.at_s, self.process):
            # "done" comes before "failed"; of equal events the last one counts.
            self.status, self.process = event.event, process
            self.kind, self.message = event.kind, event.message
            self.seconds, self.audio_s, self.at_s = event.seconds, event.audio_s, event.at_s
            self.machine = event.machine


@dataclass(slots=True, kw_only=True)
class ProcessRecord:
    """When a process worked, by the clock of its machine, and with how many workers."""

    machine: str = ""
    start_s: float = 0.0
    last_s: float = 0.0
    num_workers: int = 0
    num_done: int = 0


@dataclass
class Ledger:
    """All ledgers in a folder, merged; `refresh` reads what was added."""

    folder: Path
    songs: dict[str, SongRecord] = field(default_factory=dict)
    processes: dict[str, ProcessRecord] = field(default_factory=dict)
    _: KW_ONLY
    _read: dict[str, int] = field(default_factory=dict)

    def refresh(self) -> Ledger:
        """Read the lines that are new and complete."""
        for path in sorted(self.folder.glob("*.jsonl")):
            for event in self._new_events(path):
                self._add(event, path.stem)
        return self

    def record(self, key: str) -> SongRecord:
        """What is known about a song."""
        return self.songs.get(key) or SongRecord()

    def _new_events(self, path: Path) -> Iterator[Event]:
        begin = self._read.get(path.name, 0)
        try:
            # Opened anew each time: network file systems ask the server then.
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size <= begin:
                    return
                file.seek(begin)
                data = file.read()
        except OSError:
            return
        complete = data[: data.rfind(b"\n") + 1]
        self._read[path.name] = begin + len(complete)
        for row in complete.splitlines():
            event = _parsed(row)
            if event is not None:
                yield event

    def _add(self, event: Event, process: str) -> None:
        found = self.processes.setdefault(process, ProcessRecord())
        found.start_s = min(found.start_s or event.at_s, event.at_s)
        found.last_s = max(found.last_s, event.at_s)
        if event.event == START:
            found.machine, found.num_workers = event.machine, event.workers
        elif event.key:
            self.songs.setdefault(event.key, SongRecord()).add(event, process)
            found.num_done += event.event == DONE


def _parsed(row: bytes) -> Event | None:
    try:
        event: Event = adapter(Event).validate_json(row)
    except ValueError:
        # Damaged by a disk that was full, for instance.
        return None
    return event


class LedgerWriter:
    """The ledger of one process. A context manager."""

    def __init__(self, folder: Path, process: str) -> None:
        self._path = folder / f"{process}.jsonl"
        self._file: BinaryIO | None = None
        self._is_damaged = False

    def __enter__(self) -> LedgerWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, event: str, **details: Any) -> None:
        """Add an event; it is on the disk when this returns.

        Raises OutputError when it cannot be written; readers may or may not see the event then.
        """
        row = json.dumps({"event": event, "at_s": round(time.time(), 3), **details}).encode() + b"\n"
        try:
            if self._is_damaged:
                # Ends the row that could not be written, so that it is skipped alone.
                row = b"\n" + row
            if self._file is None:
                make_folder(self._path.parent)
                # Unbuffered, so that a full disk leaves nothing to be written later.
                self._file = self._path.open("xb", buffering=0)
            self._write_all(self._file, row)
        except OSError as error:
            self._is_damaged = True
            raise OutputError(
                f"cannot write {display_name(self._path)} ({error.strerror})", "Is the disk full?"
            ) from None
        self._is_damaged = False

    @staticmethod
    def _write_all(file: BinaryIO, row: bytes) -> None:
        rest = memoryview(row)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
