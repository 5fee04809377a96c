"""How many jobs there are, for `/api/health`: at once, even while the database is locked or all threads are busy."""

from __future__ import annotations

from collections.abc import Mapping

from anyio import CapacityLimiter, move_on_after, to_thread

from lyricsrec.base.errors import LyricsrecError
from lyricsrec.web.jobs.job import State
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.work.supervisor import Supervisor, WorkerState

_PATIENCE_S = 0.5
# A query of a locked database keeps its thread for long after nobody waits for it.
_MAX_THREADS = 4


class Census:
    """Counts jobs by state in threads of its own; what it counted last, where counting takes long."""

    def __init__(self, store: Store, supervisor: Supervisor) -> None:
        self._store, self._supervisor = store, supervisor
        self._counts: Mapping[State, int] = {}
        self._threads = CapacityLimiter(_MAX_THREADS)

    async def take(self) -> tuple[Mapping[State, int], WorkerState]:
        """The number of jobs by state, and the state of the worker."""
        with move_on_after(_PATIENCE_S):
            await to_thread.run_sync(self._count, abandon_on_cancel=True, limiter=self._threads)
        return self._counts, self._supervisor.state_with(self._counts.get("running", 0))

    def _count(self) -> None:
        # A damaged database shows elsewhere: the server itself is well.
        try:
            self._counts = self._store.counts()
        except LyricsrecError:
            return
