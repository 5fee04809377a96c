"""Holding on to a job while it is worked on, and learning that it was taken away."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType

from lyricsrec.base.errors import OutputError
from lyricsrec.web.jobs.store import Store

_BEAT_S = 0.5
_REPORT_S = 0.25
_GRACE_S = 1.5
EXIT_STUCK = 3
"""How a worker ends whose job was taken away while a library would not let go."""


class TakenAway(Exception):  # noqa: N818
    """The job was cancelled, deleted or given to another worker: stop."""


class Heartbeat:
    """Renews a worker's lease on a job twice a second, in a thread, while the `with` block runs.

    It is the job's `Progress`, too: it tells the store of stages, at most four times a second, and raises TakenAway
    once the job is this worker's no more. Work that goes on for long after that, deep in some library, ends with the
    whole process, after `clean_up`: models have to be loaded again then, but nobody waits for what nobody wants.
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
        self._told_at = 0.0

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def update(self, stage: str, done: float, total: float | None) -> None:
        """Tell how far a stage is. Raises TakenAway when the job was taken away."""
        if self._lost.is_set():
            raise TakenAway
        now = time.monotonic()
        if stage == self._stage and now - self._told_at < _REPORT_S:
            return
        self._stage, self._told_at = stage, now
        progress = None if not total or total < 0 else min(max(done / total, 0.0), 1.0)
        # What cannot be told now, on a full disk, is told the next time.
        with contextlib.suppress(OutputError):
            if not self._store.report(self._id, self._worker, stage, progress):
                self._lost.set()
                raise TakenAway

    def note(self, message: str) -> None:
        """Nobody asked for details."""

    def warn(self, message: str) -> None:
        """What matters is in the transcript's notes."""

    def _beat(self) -> None:
        while not self._over.wait(min(_BEAT_S, self._lease_s / 3)):
            try:
                if self._store.renew(self._id, self._worker, self._lease_s):
                    continue
            except OutputError:
                # A full disk may have room again at the next beat.
                continue
            self._lost.set()
            if not self._over.wait(_GRACE_S):
                self._clean_up()
                os._exit(EXIT_STUCK)
            return
