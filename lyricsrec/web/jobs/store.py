"""All queries on the jobs database, which server and worker share.

Every call is one short transaction and may come from any thread or process.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lyricsrec.base.errors import LyricsrecError
from lyricsrec.web.jobs.database import WRITES, open_database, transaction
from lyricsrec.web.jobs.job import OVER, Job, NewJob, State, WantedName
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
    sa.Column("title", sa.String),
    sa.Column("artist", sa.String),
    sa.Column("wanted", sa.String, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
_CHANGES = sa.Table("changes", METADATA, sa.Column("number", sa.Integer, nullable=False))
_JOB_COLUMNS = [_JOBS.c[field.name] for field in fields(Job)]
_NO_WORKER: dict[str, Any] = {"worker": None, "lease_until": None, "stage": None, "progress": None}


class QueueFull(LyricsrecError):  # noqa: N818
    """The queue holds as many jobs as it may."""

    def __init__(self, max_queued: int) -> None:
        super().__init__(f"the queue is full: {max_queued} jobs are waiting", "Try again later.")


class Store:
    """All jobs of a data folder; open it with `Store.open`.

    Every method raises OutputError when the disk is full, StoreBusy when the database stays locked for long,
    DataError when the database is damaged.
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
        """Open the store in a data folder; create or migrate it if needed.

        Raises OutputError when it cannot be written, DataError when it is damaged or a newer lyricsrec made it.
        """
        return cls(open_database(folder), max_queued, max_attempts)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def add(self, new: NewJob, id: str) -> Job:
        """Queue a job. Raises QueueFull when the queue is full."""
        values = {**asdict(new), "id": id, "state": "queued", "created_at": time.time(), "attempts": 0, "revision": 0}
        with self._write() as connection:
            if _count(connection, "queued") >= self._max_queued:
                raise QueueFull(self._max_queued)
            return _job(connection.execute(sa.insert(_JOBS).values(values).returning(*_JOB_COLUMNS)).one())

    def get(self, id: str) -> Job | None:
        """The job with this id, None if there is none."""
        rows = self._read(sa.select(*_JOB_COLUMNS).where(_JOBS.c.id == id))
        return _job(rows[0]) if rows else None

    def jobs(self, limit: int = 200) -> list[Job]:
        """The newest jobs, newest first."""
        return [_job(row) for row in self._read(sa.select(*_JOB_COLUMNS).order_by(_JOBS.c.number.desc()).limit(limit))]

    def over(self) -> list[Job]:
        """All jobs in a final state, in the order in which they ended."""
        ended = sa.select(*_JOB_COLUMNS).where(_JOBS.c.state.in_(OVER)).order_by(_JOBS.c.finished_at)
        return [_job(row) for row in self._read(ended)]

    def counts(self) -> dict[State, int]:
        """Number of jobs by state; states without jobs are left out."""
        query = sa.select(_JOBS.c.state, sa.func.count()).group_by(_JOBS.c.state)
        return dict(self._read(query))

    def position(self, id: str) -> int | None:
        """A job's position in the queue, 1 being next; None if it is not queued."""
        own = sa.select(_JOBS.c.number).where(_JOBS.c.id == id, _JOBS.c.state == "queued").scalar_subquery()
        before = sa.select(sa.func.count()).where(_JOBS.c.state == "queued", _JOBS.c.number <= own)
        return int(self._read(before)[0][0]) or None

    def claim(self, worker: str, lease_s: float) -> Job | None:
        """Start the job that has waited longest, with a lease of `lease_s` seconds; None if none is queued.

        No two workers get the same job.
        """
        now = time.time()
        first = sa.select(sa.func.min(_JOBS.c.number)).where(_JOBS.c.state == "queued").scalar_subquery()
        taken = sa.update(_JOBS).where(_JOBS.c.number == first, _JOBS.c.state == "queued")
        taken = taken.values(
            state="running", started_at=now, worker=worker, lease_until=now + lease_s, attempts=_JOBS.c.attempts + 1
        )
        with self._write() as connection:
            row = connection.execute(taken.returning(*_JOB_COLUMNS)).one_or_none()
        return None if row is None else _job(row)

    def renew(self, id: str, worker: str, lease_s: float) -> bool:
        """Renew the lease on a job for `lease_s` seconds. False: the job was cancelled, deleted or given to another."""
        return self._change_own(id, worker, lease_until=time.time() + lease_s)

    def report(self, id: str, worker: str, stage: str, progress: float | None) -> bool:
        """Store the progress of a job. False as for `renew`."""
        return self._change_own(id, worker, stage=stage, progress=progress)

    def lyrics_exist(self, id: str, worker: str) -> bool:
        """Note that the lyrics of a running job exist; from now on it cannot fail. False as for `renew`."""
        return self._change_own(id, worker, finished_at=_ended("done")["finished_at"])

    def finish(self, id: str, worker: str, *, error: str | None = None) -> bool:
        """End a job as done, or as failed with an error to display. False as for `renew`.

        Follow-ups that were wanted meanwhile are made in its next turn.
        """
        values = _ended("done" if error is None else "failed", error)
        if error is None:
            del values["wanted"]
            values["state"] = sa.case((_JOBS.c.wanted != "", "queued"), else_="done")
        return self._change_own(id, worker, **_NO_WORKER, **values)

    def release(self, id: str, worker: str, *, counted: bool = False) -> bool:
        """Return a job to its place in the queue; with `counted`, the attempt counts. False as for `renew`."""
        attempts = _JOBS.c.attempts - (0 if counted else 1)
        return self._change_own(id, worker, **_NO_WORKER, state="queued", started_at=None, attempts=attempts)

    def want(self, id: str, name: str) -> Job | None:
        """Queue a job whose lyrics exist again for stems, a follow-up, words to time or karaoke; others are unchanged.

        None if there is none. Raises QueueFull when the queue is full.
        """
        has_lyrics = sa.or_(_JOBS.c.state == "done", sa.and_(_is_open(), _JOBS.c.finished_at.is_not(None)))
        is_new = sa.func.instr(_spaced(_JOBS.c.wanted), f" {name} ") == 0
        wanted = sa.update(_JOBS).where(_JOBS.c.id == id, has_lyrics, is_new)
        is_done = _JOBS.c.state == "done"
        with self._write() as connection:
            if _count(connection, "queued") >= self._max_queued:
                raise QueueFull(self._max_queued)
            connection.execute(
                wanted.values(
                    wanted=sa.func.trim(_JOBS.c.wanted + f" {name}"),
                    state=sa.case((is_done, "queued"), else_=_JOBS.c.state),
                    attempts=sa.case((is_done, 0), else_=_JOBS.c.attempts),
                    stems=True if name == "stems" else _JOBS.c.stems,
                )
            )
        return self.get(id)

    def rename(self, id: str, *, title: str | None, artist: str | None) -> Job | None:
        """Change what a song is called. None if there is no job."""
        # Clients are told of changes of the state, so it is set to what it is.
        values = {"title": title, "artist": artist, "state": _JOBS.c.state}
        with self._write() as connection:
            connection.execute(sa.update(_JOBS).where(_JOBS.c.id == id).values(values))
        return self.get(id)

    def unwant(self, id: str, name: WantedName) -> Job | None:
        """Take back what was wanted of a job; a worker that makes it already may go on. None if there is no job.

        A job that waited for nothing else leaves the queue.
        """
        waits_for_it = sa.and_(_JOBS.c.state == "queued", _JOBS.c.finished_at.is_not(None), _JOBS.c.wanted == name)
        values = {"wanted": _without(name), "state": sa.case((waits_for_it, "done"), else_=_JOBS.c.state)}
        with self._write() as connection:
            connection.execute(sa.update(_JOBS).where(_JOBS.c.id == id).values(values))
        return self.get(id)

    def wanting(self) -> list[Job]:
        """The running jobs of which something is wanted."""
        return [
            _job(row)
            for row in self._read(sa.select(*_JOB_COLUMNS).where(_JOBS.c.state == "running", _JOBS.c.wanted != ""))
        ]

    def made(self, id: str, worker: str, name: str) -> bool:
        """Note that a follow-up of a running job was made, or cannot be. False as for `renew`."""
        return self._change_own(id, worker, wanted=_without(name), stage=None, progress=None)

    def cancel(self, id: str) -> Job | None:
        """Cancel a job that is queued or running; one in a final state is unchanged. None if there is none.

        A job whose lyrics exist is done, without stems.
        """
        cancelled = sa.update(_JOBS).where(_JOBS.c.id == id, _JOBS.c.state.not_in(OVER))
        with self._write() as connection:
            connection.execute(cancelled.values(**_NO_WORKER, **_ended("cancelled")))
        return self.get(id)

    def delete(self, id: str) -> bool:
        """Delete the row of a job in any state, but not its files. False if there is none."""
        with self._write() as connection:
            return connection.execute(sa.delete(_JOBS).where(_JOBS.c.id == id)).rowcount > 0

    def requeue_lost(
        self,
        worker: str | None = None,
        *,
        until: float | None = None,
        reason: str = "it may need more memory than the server has",
        is_final: bool = False,
    ) -> int:
        """Requeue abandoned running jobs: those whose lease has expired, and all of `worker`, which has ended.

        A lease has expired when it ends before `until` (default: now; infinity: all). Jobs without attempts left fail
        instead, with `is_final` all of the worker's; their error names the `reason`. Returns the number of jobs.
        """
        is_late = _JOBS.c.lease_until < (time.time() if until is None else until)
        lost = sa.and_(_JOBS.c.state == "running", sa.or_(is_late, _JOBS.c.worker == worker))
        exhausted = sa.and_(lost, _JOBS.c.attempts >= self._max_attempts)
        crashed = f"processing crashed {self._max_attempts} times on this song: {reason}"
        failed: dict[str, Any] = {**_NO_WORKER, **_ended("failed", crashed)}
        again = {**_NO_WORKER, "state": "queued", "started_at": None, "error": f"tried again: {reason}"}
        with self._write() as connection:
            ended = connection.execute(sa.update(_JOBS).where(exhausted).values(failed)).rowcount
            if is_final:
                own = sa.update(_JOBS).where(_JOBS.c.state == "running", _JOBS.c.worker == worker)
                values = {**_NO_WORKER, **_ended("failed", f"processing this song was ended: {reason}")}
                ended += connection.execute(own.values(values)).rowcount
            return ended + connection.execute(sa.update(_JOBS).where(lost).values(again)).rowcount

    def bump_revision(self, id: str, expected: int) -> int | None:
        """Increment the revision of a job's transcript; None when `expected` is not the current revision."""
        fits = sa.and_(_JOBS.c.id == id, _JOBS.c.revision == expected)
        with self._write() as connection:
            found = connection.execute(sa.update(_JOBS).where(fits).values(revision=expected + 1)).rowcount
        return expected + 1 if found else None

    def version(self) -> int:
        """A counter that changes with every change of a job that clients can see."""
        return int(self._read(sa.select(_CHANGES.c.number))[0][0])

    def _change_own(self, id: str, holder: str, /, **values: Any) -> bool:
        own = sa.and_(_JOBS.c.id == id, _JOBS.c.worker == holder, _JOBS.c.state == "running")
        with self._write() as connection:
            return connection.execute(sa.update(_JOBS).where(own).values(values)).rowcount > 0

    def _read(self, query: sa.Select[Any]) -> list[Any]:
        with transaction(self._engine) as connection:
            return list(connection.execute(query))

    def _write(self) -> contextlib.AbstractContextManager[sa.Connection]:
        return transaction(self._writing)


def _count(connection: sa.Connection, state: State) -> int:
    return connection.execute(sa.select(sa.func.count()).where(_JOBS.c.state == state)).scalar_one()


def _ended(state: State, error: str | None = None) -> dict[str, Any]:
    """The values of a job that ends in a state; one whose lyrics exist is done."""
    has_lyrics = _JOBS.c.finished_at.is_not(None)
    return {
        "state": sa.case((has_lyrics, "done"), else_=state),
        "error": sa.case((has_lyrics, None), else_=error),
        "finished_at": sa.func.coalesce(_JOBS.c.finished_at, time.time()),
        "wanted": "",
    }


def _is_open() -> sa.ColumnElement[bool]:
    return _JOBS.c.state.not_in(OVER)


def _spaced(names: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Names between spaces, so that each can be found as a whole."""
    return sa.literal(" ") + names + " "


def _without(name: str) -> sa.ColumnElement[str]:
    """What is wanted of a job, but for one name."""
    return sa.func.trim(sa.func.replace(_spaced(_JOBS.c.wanted), f" {name} ", " "))


def _job(row: Any) -> Job:
    return Job(**row._mapping)
