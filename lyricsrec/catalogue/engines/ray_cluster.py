"""Workers as actors of a Ray cluster: one that runs already, or one on this machine for a single run.

Only the paths of songs travel; their sound is read where it is worked on, so all machines must see the same disk.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.catalogue.engines.base import EngineOptions
from lyricsrec.catalogue.engines.threads import limit_torch, variables
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.tasks.base import Task
from lyricsrec.catalogue.work import Outcome, Worker

_CORES = 2
"""What a worker keeps busy without a GPU."""


class RayEngine:
    """Actors of a Ray cluster, at most one for each GPU, or for two processor cores; see `Engine`."""

    def __init__(self, task: Task, options: EngineOptions, progress: Progress) -> None:
        try:
            import ray
        except ImportError:
            raise UsageError("--engine ray needs Ray", "pip install 'lyricsrec[ray]'") from None
        self._ray: Any = ray
        self._task, self._options, self._progress = task, options, progress
        self.num_workers = 0
        self._threads, self._num_gpus = 1, 0.0
        self._free: list[Any] = []
        self._busy: dict[Any, tuple[Job, Any]] = {}

    def __enter__(self) -> RayEngine:
        self._connect()
        self._fetch()
        self._divide()
        self._free = [self._start() for _ in range(self.num_workers)]
        return self

    def __exit__(self, *_: object) -> None:
        for actor in [*self._free, *(actor for _, actor in self._busy.values())]:
            self._ray.kill(actor)
        self._free.clear()
        self._busy.clear()
        # Ends a cluster of this run's own; leaves another one.
        self._ray.shutdown()

    @property
    def num_free(self) -> int:
        """How many actors have no song; no more songs are given than there are actors."""
        return len(self._free)

    def submit(self, job: Job, base: Path) -> None:
        """Give a song to an actor."""
        actor = self._free.pop()
        self._busy[actor.do.remote(job, base)] = job, actor

    def wait(self, timeout_s: float) -> Sequence[Outcome]:
        """The songs that are done, and those of actors that died, which are replaced."""
        ready, _ = self._ray.wait(list(self._busy), num_returns=1, timeout=timeout_s)
        if ready:
            ready, _ = self._ray.wait(list(self._busy), num_returns=len(self._busy), timeout=0)
        return [self._received(reference) for reference in ready]

    def _received(self, reference: Any) -> Outcome:
        job, actor = self._busy.pop(reference)
        try:
            outcome: Outcome = self._ray.get(reference)
        except self._ray.exceptions.RayActorError as error:
            self._free.append(self._start())
            reason = str(error).strip().split("\n", 1)[0]
            return Outcome(job.key, "died", kind="WorkerDied", message=reason)
        self._free.append(actor)
        return outcome

    def _connect(self) -> None:
        """Join the cluster, or start one. Raises UsageError where there is none."""
        quiet = {"include_dashboard": False} if self._options.address is None else {}
        try:
            self._ray.init(self._options.address or "local", logging_level=logging.ERROR, log_to_driver=False, **quiet)
        except (ConnectionError, ValueError, RuntimeError) as error:
            reason = str(error).strip().split("\n", 1)[0]
            raise UsageError(f"--address {self._options.address}: no Ray cluster ({reason})") from None

    def _fetch(self) -> None:
        """Fetch the models on every machine before work begins, and compare them with those of this one."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        fetch = self._ray.remote(num_cpus=0, max_retries=0)(_fetch)
        here = self._task.fetch(SILENT)
        nodes = [node for node in self._ray.nodes() if node["Alive"]]
        found = [
            (node, fetch.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)))
            for node in nodes
        ]
        waiting = [(node["NodeManagerHostname"], remote.remote(self._task)) for node, remote in found]
        for number, (machine, reference) in enumerate(waiting, 1):
            if self._result_of(reference) != here:
                raise ModelError(f"{machine} has other models than this machine", "Copy the same ones to all.")
            self._progress.update("fetching models", number, len(waiting))

    def _result_of(self, reference: Any) -> Any:
        """What a function returned elsewhere; its error is raised as it was there."""
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause or error from None

    def _divide(self) -> None:
        """How many actors there are, and what each has."""
        resources = self._ray.cluster_resources()
        cores, gpus = int(resources.get("CPU", 1)), int(resources.get("GPU", 0))
        options = self._options
        self.num_workers = options.workers or gpus or max(cores // _CORES, 1)
        self._threads = options.threads or max(cores // self.num_workers, 1)
        self._num_gpus = min(gpus / self.num_workers, 1.0)

    def _start(self) -> Any:
        actor = self._ray.remote(_Actor).options(
            num_cpus=0 if self._options.workers else min(self._threads, _CORES),
            num_gpus=self._num_gpus,
            max_restarts=0,
            scheduling_strategy="SPREAD",
            runtime_env={"env_vars": variables(self._threads)},
        )
        return actor.remote(self._task, self._threads)


def _fetch(task: Task) -> Mapping[str, str]:
    return task.fetch(SILENT)


class _Actor:
    """A worker in a process of Ray's."""

    def __init__(self, task: Task, threads: int) -> None:
        limit_torch(threads)
        self._worker = Worker(task)

    def do(self, job: Job, base: Path) -> Outcome:
        """Do a song."""
        return self._worker.do(job, base.absolute())
