"""Renews a worker's lease on its job, reports progress, and notices when the job is cancelled."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType

from lyricsrec.base.errors import OutputError
from lyricsrec.web.jobs.store import Store

_RENEWAL_S = 0.5
_REPORT_S = 0.25
_GRACE_S = 1.5
EXIT_STUCK = 3
"""Exit code of a worker whose job was cancelled while it could not stop, deep in a library."""


class JobLost(Exception):  # noqa: N818
    """The job was cancelled, deleted or given to another worker: stop working on it."""


class Heartbeat:
    """Renews a worker's lease on a job twice a second, in a thread, while the `with` block runs.

    It is also the job's `Progress`: it writes the stage to the store, at most four times a second, and raises JobLost
    once the job no longer belongs to this worker. Work that does not stop within 1.5 s of that, deep in some library,
    ends with the whole process, after `clean_up`: models must be loaded again, but the next job need not wait.
    """

    def __init__(
        self, store: Store, job_id: str, worker: str, lease_s: float, clean_up: Callable[[], None] = lambda: None
    ) -> None:
        self._store, self._id, self._worker, self._lease_s = store, job_id, worker, lease_s
        self._clean_up = clean_up
        self._lost = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._stage = ""
        self._reported_at = 0.0

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def update(self, stage: str, done: float, total: float | None) -> None:
        """Report the progress of a stage. Raises JobLost when the job no longer belongs to this worker."""
        if self._lost.is_set():
            raise JobLost
        now = time.monotonic()
        if stage == self._stage and now - self._reported_at < _REPORT_S:
            return
        self._stage, self._reported_at = stage, now
        progress = None if not total or total < 0 else min(max(done / total, 0.0), 1.0)
        # On a full disk, the next report makes up for this one.
        with contextlib.suppress(OutputError):
            if not self._store.report(self._id, self._worker, stage, progress):
                self._lost.set()
                raise JobLost

    def note(self, message: str) -> None:
        """Ignored: clients do not see details."""

    def warn(self, message: str) -> None:
        """Ignored: the transcript's notes repeat what matters."""

    def _beat(self) -> None:
        while not self._over.wait(min(_RENEWAL_S, self._lease_s / 3)):
            try:
                if self._store.renew(self._id, self._worker, self._lease_s):
                    continue
            except OutputError:
                # A full disk may have room again at the next renewal.
                continue
            self._lost.set()
            if not self._over.wait(_GRACE_S):
                self._clean_up()
                os._exit(EXIT_STUCK)
            return
