"""What happens to jobs, as server-sent events: one look at the store for all who listen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from anyio import Event, move_on_after, to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent

from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import OVER, Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.schemas import JobOut, job_out, list_jobs

_LOG = logging.getLogger("lyricsrec.web")
_POLL_S = 0.25
_KEEP_ALIVE_S = 15
_SEND_S = 30.0
_GRACE_S = 1.0

Snapshot = Mapping[str, str]
"""Jobs as JSON by their ids, oldest first."""


class Feed:
    """The present state of all jobs, looked up while anybody listens, and only when something changed.

    Who listens compares it with what was sent before: a slow client misses steps in between, and nobody's queue grows.
    """

    def __init__(self, store: Store, root: Path, limit: int) -> None:
        self._store = store
        self._root = root
        self._limit = limit
        self._snapshot: Snapshot = {}
        self._version: int | None = None
        self.num_listeners = 0
        self._news = asyncio.Event()
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def stream(self, only: str | None = None) -> EventSourceResponse:
        """An answer that lasts: all jobs, or the one with the id `only`, as they are now, and then every change.

        It ends when that one is over or deleted, when the client goes or takes nothing for long, and with the server.
        """
        ending = Event()
        return EventSourceResponse(
            self._of_all(ending) if only is None else self._of_one(only, ending),
            ping=_KEEP_ALIVE_S,
            send_timeout=_SEND_S,
            sep="\n",
            shutdown_event=ending,
            shutdown_grace_period=_GRACE_S,
        )

    async def _of_all(self, ending: Event) -> AsyncIterator[ServerSentEvent]:
        async with self._listening():
            seen: Snapshot = {}
            while True:
                # Taken first: what changes from here on is news.
                news, now = self._news, self._snapshot
                for event in _changes(seen, now):
                    yield event
                seen = now
                if await _ends_before(news, ending):
                    return

    async def _of_one(self, id: str, ending: Event) -> AsyncIterator[ServerSentEvent]:
        async with self._listening():
            seen = ""
            while True:
                news = self._news
                job = await to_thread.run_sync(self._one, id)
                if job is None:
                    yield _deleted(id)
                    return
                is_over = job.state in OVER
                if (now := job.model_dump_json()) != seen:
                    # The id is what a browser that connects again shows: see `has_heard`.
                    yield ServerSentEvent(now, event="job", id=job.state if is_over else None)
                seen = now
                if is_over or await _ends_before(news, ending):
                    return

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        self.num_listeners += 1
        try:
            await self._look()
            if self._task is None:
                self._task = asyncio.create_task(self._poll())
            yield
        finally:
            self.num_listeners -= 1
            if self.num_listeners == 0 and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                await self._look()
            except Exception:
                # A database that is busy for long is not gone.
                _LOG.exception("the list of jobs cannot be read")

    async def _look(self) -> None:
        async with self._looking:
            version = await to_thread.run_sync(self._store.version)
            if version == self._version:
                return
            snapshot = await to_thread.run_sync(self._take)
            self._version, self._snapshot = version, snapshot
            self._news.set()
            self._news = asyncio.Event()

    def _take(self) -> Snapshot:
        return {job.id: job.model_dump_json() for job in reversed(list_jobs(self._store, self._root, self._limit))}

    def _one(self, id: str) -> JobOut | None:
        job = self._store.get(id)
        return None if job is None else job_out(job, self._store.position(id), JobFolder(self._root, id))


def has_heard(job: Job, last_event_id: str | None) -> bool:
    """Whether a client whose last event had this id was told how a job ended: there is nothing more to say then."""
    return job.is_over and last_event_id == job.state


async def _ends_before(news: asyncio.Event, ending: Event) -> bool:
    """Wait for news; True when the server ends first."""
    while not news.is_set():
        if ending.is_set():
            return True
        with move_on_after(_POLL_S):
            await news.wait()
    return False


def _changes(before: Snapshot, now: Snapshot) -> Iterator[ServerSentEvent]:
    for id in before.keys() - now.keys():
        yield _deleted(id)
    for id, job in now.items():
        if before.get(id) != job:
            yield ServerSentEvent(job, event="job")


def _deleted(id: str) -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"id": id}), event="deleted")
