"""Keeps one worker process running, requeues abandoned jobs and removes old ones."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Literal

from lyricsrec.base.errors import LyricsrecError
from lyricsrec.web.jobs.expiry import expire
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.limited import child_environment
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.memory import limit_bytes, reason_of, used_bytes
from lyricsrec.web.work.wanted.lost import requeue_lost

WorkerState = Literal["idle", "busy", "starting", "down"]

_LOG = logging.getLogger("lyricsrec.web")
_COMMAND = (sys.executable, "-m", "lyricsrec.web.work.worker")
_SETTINGS = (
    "max_duration_s",
    "decode_timeout_s",
    "decode_memory_gib",
    "downloads",
    "device",
    "dtype",
    "lease_s",
    "max_attempts",
    "max_pipelines",
    "worker_memory_gib",
)
# CREATE_NEW_PROCESS_GROUP; other systems use a new session.
_OWN_GROUP = 0x200 if sys.platform == "win32" else 0
_REQUEUE_INTERVAL_S = 5.0
_EXPIRE_INTERVAL_S = 600.0
_CLOCK_JUMP_S = 2.0
_STOP_S = 5.0
_WATCH_S = 1.0
_MIN_PAUSE_S, _MAX_PAUSE_S = 0.5, 30.0


class Supervisor:
    """Supervises one worker process from two threads, between `start` and `stop`.

    `command` starts a worker; the data folder, a name and settings are appended to it.
    """

    def __init__(self, store: Store, config: ServeConfig, command: Sequence[str] = _COMMAND) -> None:
        self._store, self._config, self._command = store, config, command
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_running, name="supervisor", daemon=True),
            threading.Thread(target=self._maintain, name="housekeeping", daemon=True),
        ]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ready = False

    def start(self) -> None:
        """Queue again what earlier workers let lie, start one, and go on watching it. Raises as the store does."""
        # A folder has one server, so no worker can still hold a lease, whatever the clock says.
        requeue_lost(self._store, self._config, until=math.inf)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop the worker, by force after five seconds; its job returns to the queue."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is not None:
            _stop(process)
        for thread in self._threads:
            thread.join(_STOP_S)

    @property
    def state(self) -> WorkerState:
        """The state of the worker."""
        return self.state_with(self._store.counts().get("running", 0))

    def state_with(self, num_running: int) -> WorkerState:
        """The state of the worker while so many jobs are running."""
        with self._lock:
            process, ready = self._process, self._ready
        if process is None or process.poll() is not None:
            return "down"
        if not ready:
            return "starting"
        return "busy" if num_running else "idle"

    @property
    def pid(self) -> int | None:
        """The process id of the worker, None if there is none."""
        with self._lock:
            return None if self._process is None else self._process.pid

    def _keep_running(self) -> None:
        pause_s = _MIN_PAUSE_S
        while not self._stopping.is_set():
            # A worker that cannot start is retried ever more slowly; one that crashed on a song is restarted at once.
            pause_s = _MIN_PAUSE_S if self._run_worker() else min(2 * pause_s, _MAX_PAUSE_S)
            self._stopping.wait(pause_s)

    def _run_worker(self) -> bool:
        """Start a worker and wait until it ends. False when it never became ready."""
        name = secrets.token_hex(8)
        process = self._launch(name)
        if process is None:
            return False
        assert process.stdout is not None
        # The worker prints one line when it is ready; end of file means that it died before.
        ready = bool(process.stdout.readline())
        with self._lock:
            self._ready = ready
        code, exceeded = self._watch(process)
        with self._lock:
            self._process, self._ready = None, False
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        reason = reason_of(code, exceeded=exceeded)
        if not self._stopping.is_set():
            _LOG.warning("the worker was lost: %s; restarting it", reason)
        with contextlib.suppress(LyricsrecError):
            requeue_lost(self._store, self._config, name, reason=reason, is_final=exceeded is not None)
        return ready

    def _watch(self, process: subprocess.Popen[str]) -> tuple[int, int | None]:
        """Wait until a worker ends; its exit code, and the memory limit in bytes if it was ended for exceeding it."""
        limit = limit_bytes(self._config.worker_memory_gib)
        while True:
            try:
                return process.wait(_WATCH_S), None
            except subprocess.TimeoutExpired:
                if used_bytes(process.pid) > limit:
                    process.kill()
                    return process.wait(), limit

    def _launch(self, name: str) -> subprocess.Popen[str] | None:
        settings = json.dumps({field: getattr(self._config, field) for field in _SETTINGS})
        command = [*self._command, str(self._config.folder), name, settings]
        with self._lock:
            if self._stopping.is_set():
                return None
            try:
                # In a session of its own: Ctrl-C in the terminal reaches only the server, which then stops the worker.
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=child_environment(),
                    start_new_session=True,
                    creationflags=_OWN_GROUP,
                )
            except OSError as error:
                _LOG.error("cannot start a worker process (%s)", error.strerror)
            return self._process

    def _maintain(self) -> None:
        expire_at = 0.0
        offset = _clock_offset()
        while not self._stopping.is_set():
            # When the clock was set forward, or the machine slept, all leases seem to have expired: they are renewed
            # before the next check.
            before, offset = offset, _clock_offset()
            try:
                if abs(offset - before) < _CLOCK_JUMP_S:
                    requeue_lost(self._store, self._config)
                if time.monotonic() >= expire_at:
                    expire(self._store, self._config)
                    expire_at = time.monotonic() + _EXPIRE_INTERVAL_S
            except (LyricsrecError, OSError) as error:
                _LOG.error("%s", error)
            self._stopping.wait(_REQUEUE_INTERVAL_S)


def _clock_offset() -> float:
    """Difference between the wall clock and the monotonic clock, in seconds; it changes when the wall clock is set."""
    return time.time() - time.monotonic()


def _stop(process: subprocess.Popen[str]) -> None:
    """Ask a worker to stop, and kill it if it does not."""
    assert process.stdin is not None
    # Closing standard input works on Windows too, where a process cannot handle SIGTERM.
    process.stdin.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
