"""The jobs of a data folder in SQLite: who waits, who is at work, what came out.

Server and worker meet here. Every call is one short transaction, and may come from any thread or process.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError

from lyricsrec.base.errors import DataError, LyricsrecError, OutputError
from lyricsrec.web.jobs.job import OVER, Job, NewJob, State
from lyricsrec.web.jobs.migrate import WRITES, open_database
from lyricsrec.web.settings import ServeConfig

METADATA = sa.MetaData()
_JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("preset", sa.String, nullable=False),
    sa.Column("language", sa.String),
    sa.Column("stems", sa.Boolean, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("stage", sa.String),
    sa.Column("progress", sa.Float),
    sa.Column("error", sa.String),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("finished_at", sa.Float),
    sa.Column("duration_s", sa.Float),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("worker", sa.String),
    sa.Column("lease_until", sa.Float),
    sqlite_autoincrement=True,
)
_CHANGES = sa.Table("changes", METADATA, sa.Column("number", sa.Integer, nullable=False))
_OF_JOB = [_JOBS.c[field.name] for field in fields(Job)]
_NOBODYS: dict[str, Any] = {"worker": None, "lease_until": None, "stage": None, "progress": None}


class QueueFull(LyricsrecError):  # noqa: N818
    """As many jobs wait as may wait."""


class Store:
    """All jobs of a data folder; open it with `Store.open`.

    Every method raises OutputError when the disk is full or the database is locked for long, DataError when it is
    damaged.
    """

    def __init__(self, engine: sa.Engine, max_queued: int, max_attempts: int) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self._max_queued = max_queued
        self._max_attempts = max_attempts

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        max_queued: int = ServeConfig.max_queued,
        max_attempts: int = ServeConfig.max_attempts,
    ) -> Store:
        """Open the store in a data folder; makes it, or brings it up to date.

        Raises OutputError when it cannot be written, DataError when a newer lyricsrec made it, or it is damaged.
        """
        return cls(open_database(folder), max_queued, max_attempts)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add(self, new: NewJob, id: str) -> Job:
        """Queue a job. Raises QueueFull when too many wait already."""
        values = {**asdict(new), "id": id, "state": "queued", "created_at": time.time(), "attempts": 0, "revision": 0}
        with self._write() as connection:
            if _count(connection, "queued") >= self._max_queued:
                raise QueueFull(f"{self._max_queued} jobs are waiting already", "Try again later.")
            return _job(connection.execute(sa.insert(_JOBS).values(values).returning(*_OF_JOB)).one())

    def get(self, id: str) -> Job | None:
        """A job, None where there is none of this id."""
        rows = self._read(sa.select(*_OF_JOB).where(_JOBS.c.id == id))
        return _job(rows[0]) if rows else None

    def jobs(self, limit: int = 200) -> list[Job]:
        """The newest jobs, newest first."""
        return [_job(row) for row in self._read(sa.select(*_OF_JOB).order_by(_JOBS.c.number.desc()).limit(limit))]

    def over(self) -> list[Job]:
        """All jobs that are over, in the order in which they ended."""
        ended = sa.select(*_OF_JOB).where(_JOBS.c.state.in_(OVER)).order_by(_JOBS.c.finished_at)
        return [_job(row) for row in self._read(ended)]

    def counts(self) -> dict[State, int]:
        """How many jobs are in each state; states without jobs are left out."""
        query = sa.select(_JOBS.c.state, sa.func.count()).group_by(_JOBS.c.state)
        return dict(self._read(query))

    def position(self, id: str) -> int | None:
        """A job's place in the queue, the next one's being 1; None where it does not wait."""
        own = sa.select(_JOBS.c.number).where(_JOBS.c.id == id, _JOBS.c.state == "queued").scalar_subquery()
        before = sa.select(sa.func.count()).where(_JOBS.c.state == "queued", _JOBS.c.number <= own)
        return int(self._read(before)[0][0]) or None

    def claim(self, worker: str, lease_s: float) -> Job | None:
        """Take the job that waits longest, for `lease_s` seconds; None where none waits.

        No two workers get the same one.
        """
        now = time.time()
        first = sa.select(sa.func.min(_JOBS.c.number)).where(_JOBS.c.state == "queued").scalar_subquery()
        taken = sa.update(_JOBS).where(_JOBS.c.number == first, _JOBS.c.state == "queued")
        taken = taken.values(
            state="running", started_at=now, worker=worker, lease_until=now + lease_s, attempts=_JOBS.c.attempts + 1
        )
        with self._write() as connection:
            row = connection.execute(taken.returning(*_OF_JOB)).one_or_none()
        return None if row is None else _job(row)

    def renew(self, id: str, worker: str, lease_s: float) -> bool:
        """Keep a job for `lease_s` more seconds. False: it was cancelled, deleted or taken away."""
        return self._change_own(id, worker, lease_until=time.time() + lease_s)

    def report(self, id: str, worker: str, stage: str, progress: float | None) -> bool:
        """Say how far a job is. False as for `renew`."""
        return self._change_own(id, worker, stage=stage, progress=progress)

    def finish(self, id: str, worker: str, *, error: str | None = None) -> bool:
        """End a job, well or with an error for people. False as for `renew`."""
        state = "done" if error is None else "failed"
        return self._change_own(id, worker, **_NOBODYS, state=state, error=error, finished_at=time.time())

    def release(self, id: str, worker: str, *, counted: bool = False) -> bool:
        """Put a job back to its place in the queue; `counted` leaves it one attempt less. False as for `renew`."""
        attempts = _JOBS.c.attempts - (0 if counted else 1)
        return self._change_own(id, worker, **_NOBODYS, state="queued", started_at=None, attempts=attempts)

    def cancel(self, id: str) -> Job | None:
        """End a job that waits or runs; one that is over stays as it is. None where there is none."""
        cancelled = sa.update(_JOBS).where(_JOBS.c.id == id, _JOBS.c.state.not_in(OVER))
        with self._write() as connection:
            connection.execute(cancelled.values(**_NOBODYS, state="cancelled", finished_at=time.time()))
        return self.get(id)

    def delete(self, id: str) -> bool:
        """Forget a job in whatever state. False where there is none. Its files are the caller's to remove."""
        with self._write() as connection:
            return connection.execute(sa.delete(_JOBS).where(_JOBS.c.id == id)).rowcount > 0

    def requeue_lost(self, worker: str | None = None, *, until: float | None = None) -> int:
        """Queue again what a worker let lie: jobs whose lease has run out, and all of `worker`, which has ended.

        Leases count that end before `until` (now; infinity: all). Those with no attempts left fail instead. Returns
        how many jobs there were.
        """
        is_late = _JOBS.c.lease_until < (time.time() if until is None else until)
        lost = sa.and_(_JOBS.c.state == "running", sa.or_(is_late, _JOBS.c.worker == worker))
        hopeless = sa.and_(lost, _JOBS.c.attempts >= self._max_attempts)
        error = (
            f"the program was ended {self._max_attempts} times while it worked on this song: it may take more memory "
            "than the server has"
        )
        failed: dict[str, Any] = {**_NOBODYS, "state": "failed", "error": error, "finished_at": time.time()}
        with self._write() as connection:
            ended = connection.execute(sa.update(_JOBS).where(hopeless).values(failed)).rowcount
            again = sa.update(_JOBS).where(lost).values(**_NOBODYS, state="queued", started_at=None)
            return ended + connection.execute(again).rowcount

    def bump_revision(self, id: str, expected: int) -> int | None:
        """Count a correction of a job's transcript; None when `expected` is not its revision any more."""
        fits = sa.and_(_JOBS.c.id == id, _JOBS.c.revision == expected)
        with self._write() as connection:
            found = connection.execute(sa.update(_JOBS).where(fits).values(revision=expected + 1)).rowcount
        return expected + 1 if found else None

    def version(self) -> int:
        """A number that is another one whenever anything about jobs has changed that clients see."""
        return int(self._read(sa.select(_CHANGES.c.number))[0][0])

    def _change_own(self, id: str, holder: str, /, **values: Any) -> bool:
        own = sa.and_(_JOBS.c.id == id, _JOBS.c.worker == holder, _JOBS.c.state == "running")
        with self._write() as connection:
            return connection.execute(sa.update(_JOBS).where(own).values(values)).rowcount > 0

    def _read(self, query: sa.Select[Any]) -> list[Any]:
        with _transaction(self._engine) as connection:
            return list(connection.execute(query))

    def _write(self) -> contextlib.AbstractContextManager[sa.Connection]:
        return _transaction(self._writing)


@contextlib.contextmanager
def _transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise OutputError(f"the list of jobs cannot be used ({error.orig})", "Is the disk full?") from None
    except DatabaseError as error:
        raise DataError(f"the list of jobs is damaged ({error.orig})") from None


def _count(connection: sa.Connection, state: State) -> int:
    return connection.execute(sa.select(sa.func.count()).where(_JOBS.c.state == state)).scalar_one()


def _job(row: Any) -> Job:
    return Job(**row._mapping)
