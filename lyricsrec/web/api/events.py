"""Server-sent events about jobs: one query of the store serves all subscribers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping

from anyio import Event, move_on_after, to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent

from lyricsrec.web.jobs.job import OVER, Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.schemas import JobOut, job_out, list_jobs
from lyricsrec.web.settings import ServeConfig

_LOG = logging.getLogger("lyricsrec.web")
_POLL_S = 0.25
_KEEP_ALIVE_S = 15
_SEND_S = 30.0
_GRACE_S = 1.0

Snapshot = Mapping[str, str]
"""Jobs as JSON by their ids, oldest first."""


class Feed:
    """The current state of all jobs, queried only while there are subscribers, and only after a change.

    Each subscriber compares it with what it sent last: a slow client misses intermediate states, and no queue grows.
    """

    def __init__(self, store: Store, config: ServeConfig, limit: int) -> None:
        self._store = store
        self._config = config
        self._limit = limit
        self._snapshot: Snapshot = {}
        self._version: int | None = None
        self.num_subscribers = 0
        self._changed = asyncio.Event()
        self._refreshing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def stream(self, only: str | None = None) -> EventSourceResponse:
        """An endless response: the state of all jobs, or of the job with the id `only`, and then every change.

        It ends when that job is in a final state or deleted, when the client disconnects or stops reading, and with the
        server.
        """
        stopping = Event()
        return EventSourceResponse(
            self._of_all(stopping) if only is None else self._of_one(only, stopping),
            ping=_KEEP_ALIVE_S,
            send_timeout=_SEND_S,
            sep="\n",
            shutdown_event=stopping,
            shutdown_grace_period=_GRACE_S,
        )

    async def _of_all(self, stopping: Event) -> AsyncIterator[ServerSentEvent]:
        async with self._subscribed():
            sent: Snapshot = {}
            while True:
                # The event is taken first, so that no later change is missed.
                changed, now = self._changed, self._snapshot
                for event in _changes(sent, now):
                    yield event
                sent = now
                if await _stops_before(changed, stopping):
                    return

    async def _of_one(self, id: str, stopping: Event) -> AsyncIterator[ServerSentEvent]:
        async with self._subscribed():
            sent = ""
            while True:
                changed = self._changed
                job = await to_thread.run_sync(self._one, id)
                if job is None:
                    yield _deleted(id)
                    return
                is_over = job.state in OVER
                if (now := job.model_dump_json()) != sent:
                    # A browser sends this id when it reconnects: see `is_finished_for`.
                    yield ServerSentEvent(now, event="job", id=job.state if is_over else None)
                sent = now
                if is_over or await _stops_before(changed, stopping):
                    return

    @contextlib.asynccontextmanager
    async def _subscribed(self) -> AsyncIterator[None]:
        self.num_subscribers += 1
        try:
            await self._refresh()
            if self._task is None:
                self._task = asyncio.create_task(self._poll())
            yield
        finally:
            self.num_subscribers -= 1
            if self.num_subscribers == 0 and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                await self._refresh()
            except Exception:
                # The database may be busy; the next poll may succeed.
                _LOG.exception("cannot read the list of jobs")

    async def _refresh(self) -> None:
        async with self._refreshing:
            version = await to_thread.run_sync(self._store.version)
            if version == self._version:
                return
            snapshot = await to_thread.run_sync(self._take_snapshot)
            self._version, self._snapshot = version, snapshot
            self._changed.set()
            self._changed = asyncio.Event()

    def _take_snapshot(self) -> Snapshot:
        return {job.id: job.model_dump_json() for job in reversed(list_jobs(self._store, self._config, self._limit))}

    def _one(self, id: str) -> JobOut | None:
        job = self._store.get(id)
        return None if job is None else job_out(job, self._store.position(id), self._config)


def is_finished_for(job: Job, last_event_id: str | None) -> bool:
    """Whether the last event that a client received, by its id, already was the job's final state."""
    return job.is_over and last_event_id == job.state


async def _stops_before(changed: asyncio.Event, stopping: Event) -> bool:
    """Wait for a change; True when the server stops first."""
    while not changed.is_set():
        if stopping.is_set():
            return True
        with move_on_after(_POLL_S):
            await changed.wait()
    return False


def _changes(before: Snapshot, now: Snapshot) -> Iterator[ServerSentEvent]:
    for id in before.keys() - now.keys():
        yield _deleted(id)
    for id, job in now.items():
        if before.get(id) != job:
            yield ServerSentEvent(job, event="job")


def _deleted(id: str) -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"id": id}), event="deleted")
