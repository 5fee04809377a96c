"""Workers as processes of this machine.

Also a single worker is a process of its own: a song that crashes a library ends the worker, not the run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from lyricsrec.base.device import available_devices, num_cores
from lyricsrec.base.errors import ModelError
from lyricsrec.base.workers import follow_parent
from lyricsrec.catalogue.engines.base import EngineOptions
from lyricsrec.catalogue.engines.threads import limit_torch, limited
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.tasks.base import Task
from lyricsrec.catalogue.work import Outcome, Worker

_MOST_STARTS = 3
"""Workers that die so often in a row before they have asked for a song end the run."""
_END_S = 5.0


@dataclass
class _Process:
    """A worker process, what it is asked through, and the song it has."""

    process: BaseProcess
    pipe: Connection
    _: KW_ONLY
    job: tuple[Job, Path] | None = None
    is_ready: bool = False


class LocalEngine:
    """Processes of this machine; see `Engine`."""

    def __init__(self, task: Task, options: EngineOptions) -> None:
        self._task = task
        self.num_workers = options.workers or _default_workers()
        self._threads = options.threads or max(num_cores() // self.num_workers, 1)
        self._context = get_context("spawn")
        self._processes: list[_Process] = []
        self._failed_starts = 0

    def __enter__(self) -> LocalEngine:
        for _ in range(self.num_workers):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._processes:
            with contextlib.suppress(OSError):
                worker.pipe.close()
            worker.process.terminate()
        for worker in self._processes:
            worker.process.join(_END_S)
            worker.process.kill()
            worker.process.join()
        self._processes.clear()

    @property
    def num_free(self) -> int:
        """How many workers have no song."""
        return sum(worker.job is None for worker in self._processes)

    def submit(self, job: Job, base: Path) -> None:
        """Give a song to a worker, which may still be starting."""
        worker = next(worker for worker in self._processes if worker.job is None)
        worker.job = (job, base)
        # A worker that has died is found by `wait`.
        with contextlib.suppress(OSError):
            worker.pipe.send((job, base))

    def wait(self, timeout_s: float) -> Sequence[Outcome]:
        """The songs that are done, and those of workers that died. Raises ModelError where workers cannot start."""
        by_pipe = {worker.pipe: worker for worker in self._processes}
        ready = connection.wait([*by_pipe], timeout_s)
        found = [self._received(by_pipe[pipe]) for pipe in by_pipe if pipe in ready]
        return [outcome for outcome in found if outcome is not None]

    def _received(self, worker: _Process) -> Outcome | None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._replace(worker)
        if message is None:
            worker.is_ready = True
            self._failed_starts = 0
            return None
        worker.job = None
        assert isinstance(message, Outcome)
        return message

    def _replace(self, worker: _Process) -> Outcome | None:
        """Start another worker instead of one that died; its song is reported."""
        self._processes.remove(worker)
        worker.pipe.close()
        worker.process.join()
        code = worker.process.exitcode
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_STARTS:
                raise ModelError(f"workers end while they start (exit code {code})", "Is there enough memory?")
        self._start()
        if worker.job is None:
            return None
        if not worker.is_ready:
            # It never had the song.
            self.submit(*worker.job)
            return None
        reason = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return Outcome(worker.job[0].key, "died", kind="WorkerDied", message=reason)

    def _start(self) -> None:
        own, other = self._context.Pipe()
        with limited(self._threads):
            process = self._context.Process(target=_work, args=(other, self._task, self._threads), daemon=True)
            process.start()
        other.close()
        self._processes.append(_Process(process, own))


def _default_workers() -> int:
    """One for two cores: a song alone keeps about two busy; on a GPU one, which has room for one model."""
    return 1 if "cuda" in available_devices() else max(num_cores() // 2, 1)


def _work(pipe: Connection, task: Task, threads: int) -> None:
    """Do the songs that come through a pipe, until it is closed."""
    follow_parent()
    limit_torch(threads)
    worker = Worker(task)
    pipe.send(None)
    with contextlib.suppress(EOFError, OSError):
        while True:
            job, base = pipe.recv()
            pipe.send(worker.do(job, base))
