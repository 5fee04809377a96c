"""The objects that all routes share, from the server's start to its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request

from lyricsrec.web.api.census import Census
from lyricsrec.web.api.corrections import Corrections
from lyricsrec.web.api.events import Feed
from lyricsrec.web.gone import no_job
from lyricsrec.web.intake.intake import Intake
from lyricsrec.web.intake.slots import Slots
from lyricsrec.web.jobs.folder import JobFolder, is_id
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.schemas import JobOut, job_out, list_jobs
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.supervisor import Supervisor

_LISTED_BESIDE_QUEUE = 200
_MAX_EDITS, _MAX_EDITS_OF_CLIENT = 8, 6
_MAX_HEAVY = 2


@dataclass(frozen=True)
class Service:
    """A data folder that is served, and the objects that work on it."""

    config: ServeConfig
    store: Store
    supervisor: Supervisor
    _: KW_ONLY
    intake: Intake
    corrections: Corrections
    feed: Feed
    census: Census
    edits: Slots = field(default_factory=lambda: Slots(_MAX_EDITS, _MAX_EDITS_OF_CLIENT))
    heavy: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_MAX_HEAVY))
    """Threads for documents: few, so that all others get their turn."""
    shifts: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    """Threads that change the key or tempo of a stem."""
    drawings: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    """Threads that make waveforms and spectrograms of tracks."""

    def jobs(self) -> list[JobOut]:
        """The newest jobs, newest first."""
        return list_jobs(self.store, self.config, _num_listed(self.config))

    def find(self, id: str) -> Job:
        """The job with this id. Raises Refused if there is none."""
        job = self.store.get(id) if is_id(id) else None
        if job is None:
            raise no_job()
        return job

    def want(self, id: str, name: str) -> Job:
        """Queue a job again for something (see `Store.want`). Raises Refused if there is none, QueueFull."""
        job = self.store.want(id, name)
        if job is None:
            raise no_job()
        return job

    def folder(self, id: str) -> JobFolder:
        """The files of a job. Raises Refused if there is none with this id."""
        return JobFolder(self.config.folder, self.find(id).id)

    def show(self, job: Job) -> JobOut:
        """A job in the form that clients see."""
        return job_out(job, self.store.position(job.id), self.config)


@contextlib.contextmanager
def serving(config: ServeConfig, *, works: bool) -> Iterator[Service]:
    """Open a data folder and, with `works`, run a worker, until the block ends.

    Raises as `Store.open` does.
    """
    store = Store.open(config.folder, max_queued=config.max_queued, max_attempts=config.max_attempts)
    intake = Intake(store, config)
    intake.sweep()
    supervisor = Supervisor(store, config)
    if works:
        supervisor.start()
    try:
        feed = Feed(store, config, _num_listed(config))
        yield Service(
            config,
            store,
            supervisor,
            intake=intake,
            corrections=Corrections(store, config.folder),
            feed=feed,
            census=Census(store, supervisor),
        )
    finally:
        if works:
            supervisor.stop()
        store.close()


def _num_listed(config: ServeConfig) -> int:
    # Queued jobs are always among the newest ones.
    return config.max_queued + _LISTED_BESIDE_QUEUE


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]
"""The service, as a parameter of a route."""
