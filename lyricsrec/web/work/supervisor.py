"""Keeps a worker at work: starts it, starts it again when it dies, and looks after what was lost and what is old."""

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
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.child import own_environment

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
)
# Elsewhere a session of its own does what this group does on Windows.
_OWN_GROUP = 0x200 if sys.platform == "win32" else 0
_LOST_EVERY_S = 5.0
_EXPIRE_EVERY_S = 600.0
_JUMP_S = 2.0
_STOP_S = 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0


class Supervisor:
    """Watches over one worker process in two threads, between `start` and `stop`.

    `command` starts a worker; the data folder, a name and settings are added to it.
    """

    def __init__(self, store: Store, config: ServeConfig, command: Sequence[str] = _COMMAND) -> None:
        self._store, self._config, self._command = store, config, command
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_worker, name="supervisor", daemon=True),
            threading.Thread(target=self._keep_house, name="housekeeping", daemon=True),
        ]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ready = False

    def start(self) -> None:
        """Queue again what earlier workers let lie, start one, and go on watching it. Raises as the store does."""
        # Whoever had it works no more, whatever the clock says about leases: a folder has one server.
        self._store.requeue_lost(until=math.inf)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the worker, by force if it does not end in five seconds; its job goes back into the queue."""
        self._ending.set()
        with self._lock:
            process = self._process
        if process is not None:
            _end(process)
        for thread in self._threads:
            thread.join(_STOP_S)

    @property
    def state(self) -> WorkerState:
        """How the worker is."""
        with self._lock:
            process, ready = self._process, self._ready
        if process is None or process.poll() is not None:
            return "down"
        if not ready:
            return "starting"
        return "busy" if self._store.counts().get("running") else "idle"

    @property
    def pid(self) -> int | None:
        """The process number of the worker, None where there is none."""
        with self._lock:
            return None if self._process is None else self._process.pid

    def _keep_worker(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._ending.is_set():
            # One that cannot even start will not do so at once the next time; one that a song killed will.
            pause_s = _FIRST_PAUSE_S if self._live() else min(2 * pause_s, _LONGEST_PAUSE_S)
            self._ending.wait(pause_s)

    def _live(self) -> bool:
        """One life of a worker, from its start to its end. False when it was never ready."""
        name = secrets.token_hex(8)
        process = self._begin(name)
        if process is None:
            return False
        assert process.stdout is not None
        # One line when it is ready, or the end of the file when it died before.
        ready = bool(process.stdout.readline())
        with self._lock:
            self._ready = ready
        code = process.wait()
        with self._lock:
            self._process, self._ready = None, False
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if not self._ending.is_set():
            _LOG.warning("the worker ended with code %d and is started again", code)
        with contextlib.suppress(LyricsrecError):
            self._store.requeue_lost(name)
        return ready

    def _begin(self, name: str) -> subprocess.Popen[str] | None:
        settings = json.dumps({field: getattr(self._config, field) for field in _SETTINGS})
        command = [*self._command, str(self._config.folder), name, settings]
        with self._lock:
            if self._ending.is_set():
                return None
            try:
                # A session of its own: Ctrl-C in the terminal is for the server, which ends the worker in its turn.
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env=own_environment(),
                    start_new_session=True,
                    creationflags=_OWN_GROUP,
                )
            except OSError as error:
                _LOG.error("no worker can be started (%s)", error.strerror)
            return self._process

    def _keep_house(self) -> None:
        expire_at = 0.0
        clock = _clock()
        while not self._ending.is_set():
            # When the clock was put forward, or the machine slept, all leases seem to have run out: they are renewed
            # before the next look.
            before, clock = clock, _clock()
            try:
                if abs(clock - before) < _JUMP_S:
                    self._store.requeue_lost()
                if time.monotonic() >= expire_at:
                    expire(self._store, self._config)
                    expire_at = time.monotonic() + _EXPIRE_EVERY_S
            except (LyricsrecError, OSError) as error:
                _LOG.error("%s", error)
            self._ending.wait(_LOST_EVERY_S)


def _clock() -> float:
    """What the time of day is ahead of a clock that nobody sets."""
    return time.time() - time.monotonic()


def _end(process: subprocess.Popen[str]) -> None:
    """Ask a worker to end, and kill it when it does not."""
    assert process.stdin is not None
    # Windows has no signal that it could hear.
    process.stdin.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
