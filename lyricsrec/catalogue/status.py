"""How far a catalogue is: what is done, what failed and why, how fast it goes, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import Any

from lyricsrec.catalogue.songs import Songs, recall
from lyricsrec.catalogue.store.folder import Setup, find_setup, processes_in
from lyricsrec.catalogue.store.heartbeat import living, process_name
from lyricsrec.catalogue.store.ledger import DONE, FAILED, RETRY, Ledger, LedgerWriter, ProcessRecord


@dataclass(frozen=True)
class Failure:
    """A song that failed, or cannot be read (`kind` "Unreadable")."""

    path: str
    kind: str
    message: str


@dataclass(frozen=True)
class Status:
    """The songs that a setup was ever asked for, and what became of them.

    `songs_per_minute` is the present speed of all processes that work, `left_s` the time that is left at this speed;
    both are None where none works. `machine_hours` is how long processes have worked in all, by their ledgers;
    `machines` counts the songs that each machine has done; `audio_hours` is how much audio is done, and
    `real_time_factor` machine hours per hour of audio.
    """

    setup: str
    task: str
    _: KW_ONLY
    num_songs: int
    num_copies: int
    num_done: int
    num_left: int
    failures: tuple[Failure, ...] = ()
    num_processes: int = 0
    num_workers: int = 0
    songs_per_minute: float | None = None
    left_s: float | None = None
    machine_hours: float = 0.0
    audio_hours: float = 0.0
    machines: Mapping[str, int] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def real_time_factor(self) -> float | None:
        """Machine hours per hour of audio."""
        return self.machine_hours / self.audio_hours if self.audio_hours else None

    @property
    def errors(self) -> Mapping[str, int]:
        """How many songs failed, by the kind of error; the most frequent one first."""
        return dict(Counter(failure.kind for failure in self.failures).most_common())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "errors": dict(self.errors), "real_time_factor": self.real_time_factor}


def status_of(folder: Path, name: str | None, lease_s: float) -> Status:
    """The status of a setup, by default the last one. Raises DataError and UsageError as `find_setup` does."""
    setup = find_setup(folder, name)
    songs, ledger = recall(setup), Ledger(setup.ledger).refresh()
    keys = [job.key for job in songs.jobs]
    num_done = sum(ledger.record(key).status == DONE or setup.result_of(key).is_file() for key in keys)
    failures = _failures(songs, ledger)
    num_left = len(keys) - num_done - (len(failures) - len(songs.unreadable))
    alive = set(living(processes_in(folder), lease_s))
    working = {name: process for name, process in ledger.processes.items() if name in alive and process.num_workers}
    rate = sum(_songs_per_second(process) for process in working.values())
    work_s = sum(process.last_s - process.start_s for process in ledger.processes.values())
    audio_s = sum(record.audio_s for record in ledger.songs.values() if record.status == DONE)
    return Status(
        setup.name,
        setup.task,
        num_songs=len(keys) + len(songs.unreadable),
        num_copies=sum(len(job.copies) for job in songs.jobs),
        num_done=num_done,
        num_left=num_left,
        failures=tuple(failures),
        num_processes=len(working),
        num_workers=sum(process.num_workers for process in working.values()),
        songs_per_minute=60 * rate if working else None,
        left_s=num_left / rate if rate else None,
        machine_hours=work_s / 3600,
        audio_hours=audio_s / 3600,
        machines=dict(Counter(song.machine for song in ledger.songs.values() if song.status == DONE and song.machine)),
        details=setup.details,
    )


def _failures(songs: Songs, ledger: Ledger) -> list[Failure]:
    found = [Failure(path, "Unreadable", problem) for path, problem in songs.unreadable.items()]
    for job in songs.jobs:
        record = ledger.record(job.key)
        if record.status == FAILED:
            found.append(Failure(job.path, record.kind, record.message))
    return sorted(found, key=lambda failure: (failure.kind, failure.path))


def _songs_per_second(process: ProcessRecord) -> float:
    worked_s = process.last_s - process.start_s
    return process.num_done / worked_s if worked_s > 0 else 0.0


def retry(folder: Path, name: str | None, kind: str | None = None) -> int:
    """Give songs that failed another chance, all or those of one kind of error; returns how many.

    The next run does them. Raises DataError and UsageError as `find_setup` does, OutputError.
    """
    setup = find_setup(folder, name)
    ledger = Ledger(setup.ledger).refresh()
    wanted = [
        (key, record.round + 1)
        for key, record in sorted(ledger.songs.items())
        if record.status == FAILED and kind in (None, record.kind) and not _is_done(setup, key)
    ]
    with LedgerWriter(setup.ledger, process_name()) as writer:
        for key, number in wanted:
            writer.write(RETRY, key=key, round=number)
    return len(wanted)


def _is_done(setup: Setup, key: str) -> bool:
    return setup.result_of(key).is_file()
