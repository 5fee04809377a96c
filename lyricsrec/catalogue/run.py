"""A run: gives every song that is left to a worker, and records what became of it.

Any number of runs, on any number of machines that share a disk, may do the same catalogue at a time: claims keep them
apart. A run that is killed loses nothing but the songs it was doing, which another run, or the next one, does.
"""

from __future__ import annotations

import random
import socket
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from pathlib import Path

from lyricsrec.base.errors import LyricsrecError, ModelError, OutputError, UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.catalogue.engines.base import Engine, EngineOptions
from lyricsrec.catalogue.engines.registry import make_engine
from lyricsrec.catalogue.index import Index
from lyricsrec.catalogue.songs import Job, Shard, Songs, remember, songs_of
from lyricsrec.catalogue.sources.find import find_entries
from lyricsrec.catalogue.store.claims import Claims
from lyricsrec.catalogue.store.folder import Setup, make_setup, processes_in
from lyricsrec.catalogue.store.heartbeat import Heartbeat
from lyricsrec.catalogue.store.ledger import DIED, DONE, FAILED, START, STOP, Ledger, LedgerWriter
from lyricsrec.catalogue.tasks.base import Task
from lyricsrec.catalogue.work import Outcome

LEASE_S = 300.0
"""So long after its last sign of life a process counts as dead, and others take its songs."""
MOST_DEATHS = 3
"""A song whose workers died so often is not tried again: it was given back twice."""
_STEP_S = 0.5


@dataclass(frozen=True)
class Plan:
    """What a run does: a task for the songs of `sources`, with results in `folder`, by an engine.

    With `shard` only a part of the songs. `lease_s` is how long a process without a sign of life keeps its songs.
    """

    sources: Sequence[str]
    folder: Path
    task: Task
    _: KW_ONLY
    shard: Shard | None = None
    engine: str = "local"
    options: EngineOptions = field(default_factory=EngineOptions)
    lease_s: float = LEASE_S


@dataclass
class Summary:
    """What a run did. `failed` are the songs that failed in it, and `failed_before` counts those of earlier runs."""

    setup: Setup
    num_songs: int = 0
    _: KW_ONLY
    num_done: int = 0
    num_done_before: int = 0
    num_done_elsewhere: int = 0
    num_failed_before: int = 0
    failed: list[tuple[str, Outcome]] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    @property
    def num_settled(self) -> int:
        """How many songs are done or have failed."""
        num_failed = len(self.failed) + len(self.unreadable) + self.num_failed_before
        return self.num_done + self.num_done_before + self.num_done_elsewhere + num_failed

    @property
    def is_complete(self) -> bool:
        """Whether every song of the run has a result."""
        return not (self.failed or self.unreadable or self.num_failed_before)


def run(plan: Plan, progress: Progress = SILENT) -> Summary:
    """Do all songs that have no result yet.

    Raises UsageError and DataError for sources, settings and models that are of no use, ModelError for a model that
    cannot be loaded, OutputError when results cannot be written; what was done before stays.
    """
    plan = replace(plan, folder=plan.folder.absolute())
    entries = find_entries(plan.sources, with_lyrics=plan.task.needs_lyrics)
    models = plan.task.fetch(progress)
    setup = make_setup(plan.folder, plan.task.name, plan.task.settings(), models)
    with Heartbeat(processes_in(plan.folder), plan.lease_s) as heartbeat:
        contents = Index(plan.folder, heartbeat).contents_of(
            entries, lambda done: progress.update("indexing", done, len(entries))
        )
        songs = songs_of(entries, contents, with_lyrics=plan.task.needs_lyrics)
        remember(setup, songs)
        with LedgerWriter(setup.ledger, heartbeat.name) as writer:
            return _Run(plan, setup, heartbeat, writer=writer, progress=progress).do(songs.shard(plan.shard))


class _Run:
    """The songs of one run, and who has which."""

    def __init__(
        self, plan: Plan, setup: Setup, heartbeat: Heartbeat, *, writer: LedgerWriter, progress: Progress
    ) -> None:
        self._plan, self._setup, self._heartbeat = plan, setup, heartbeat
        self._writer, self._progress = writer, progress
        self._claims = Claims(setup.claims, heartbeat)
        self._ledger = Ledger(setup.ledger).refresh()
        self._busy: dict[str, Job] = {}
        self._left: deque[Job] = deque()
        self._machines: Counter[str] = Counter()
        self._summary = Summary(setup)

    def do(self, songs: Songs) -> Summary:
        """Do what is left of the songs."""
        summary = self._summary
        summary.num_songs = len(songs.jobs) + len(songs.unreadable)
        summary.unreadable = sorted(songs.unreadable.items())
        for job in songs.jobs:
            self._sort(job)
        if self._left:
            options = self._plan.options
            with make_engine(self._plan.engine, self._plan.task, options, self._progress) as engine:
                self._writer.write(START, machine=socket.gethostname(), workers=engine.num_workers)
                self._work(engine)
                self._writer.write(STOP)
        self._claims.tidy()
        return summary

    def _sort(self, job: Job) -> None:
        """Put a song among those that are done, failed, or left."""
        if self._is_done(job):
            self._summary.num_done_before += 1
        elif self._ledger.record(job.key).status == FAILED:
            self._summary.num_failed_before += 1
        else:
            self._left.append(job)

    def _is_done(self, job: Job) -> bool:
        """Whether a song has a result; one that was written by a run that was killed then is recorded."""
        if not self._setup.result_of(job.key).is_file():
            return False
        record = self._ledger.record(job.key)
        if record.status != DONE:
            self._writer.write(DONE, key=job.key, round=record.round)
        return True

    def _work(self, engine: Engine) -> None:
        if self._heartbeat.others():
            # Begin elsewhere than they do.
            self._left.rotate(random.randrange(len(self._left)))
        while self._left or self._busy:
            while engine.num_free and (job := self._next()) is not None:
                self._busy[job.key] = job
                engine.submit(job, self._setup.base_of(job.key))
            if self._busy:
                for outcome in engine.wait(_STEP_S):
                    self._record(outcome, engine)
            else:
                # The rest is with other processes.
                time.sleep(min(_STEP_S, self._plan.lease_s / 10))
                self._ledger.refresh()
            self._heartbeat.check()
            self._show()

    def _show(self) -> None:
        """One bar for all songs and, where several machines work for this run, one for what each has done."""
        self._progress.update("songs", self._summary.num_settled, self._summary.num_songs)
        if len(self._machines) > 1:
            for machine, num_done in self._machines.items():
                self._progress.update(f"  by {machine}", num_done, self._summary.num_songs)

    def _next(self) -> Job | None:
        """The next song that is not done, and that no other process has; theirs stay in the list."""
        for _ in range(len(self._left)):
            job = self._left.popleft()
            claim = self._claims.take(job.key)
            if claim is None:
                if not self._is_settled_elsewhere(job):
                    self._left.append(job)
                continue
            if claim.number:
                # Its process has ended: perhaps after the song, which this run does not know yet.
                self._ledger.refresh()
            if not self._is_settled_elsewhere(job):
                return job
        return None

    def _is_settled_elsewhere(self, job: Job) -> bool:
        if self._setup.result_of(job.key).is_file():
            self._summary.num_done_elsewhere += 1
            return True
        record = self._ledger.record(job.key)
        if record.status == FAILED:
            found = Outcome(job.key, "failed", kind=record.kind, message=record.message)
            self._summary.failed.append((job.path, found))
            return True
        return False

    def _record(self, outcome: Outcome, engine: Engine) -> None:
        """Write what became of a song into the ledger; one whose worker died is tried again."""
        job = self._busy.pop(outcome.key)
        record = self._ledger.record(job.key)
        details = {"key": job.key, "round": record.round, "kind": outcome.kind, "message": outcome.message}
        figures = {
            "machine": outcome.machine,
            "seconds": round(outcome.seconds, 3),
            "audio_s": round(outcome.audio_s, 3),
        }
        if outcome.status == "fatal":
            raise _error(outcome)
        if outcome.status == "died":
            self._writer.write(DIED, **details)
            self._ledger.refresh()
            num_died = self._ledger.record(job.key).num_died
            if num_died < MOST_DEATHS:
                self._progress.warn(f"{job.name}: its worker died ({outcome.message}), and it is tried again")
                self._busy[job.key] = job
                engine.submit(job, self._setup.base_of(job.key))
                return
            message = f"{job.name}: {num_died} workers died with it, the last one by {outcome.message}"
            outcome = Outcome(job.key, "failed", kind="Poison", message=message)
            details |= {"kind": outcome.kind, "message": outcome.message}
        if outcome.status == DONE:
            self._writer.write(DONE, key=job.key, round=record.round, **figures)
            self._summary.num_done += 1
            self._machines[outcome.machine] += 1
        else:
            self._writer.write(FAILED, **details, **figures)
            self._summary.failed.append((job.path, outcome))
            self._progress.warn(outcome.message)


def _error(outcome: Outcome) -> LyricsrecError:
    """The error that ended the run, as a worker met it."""
    kinds = {kind.__name__: kind for kind in (UsageError, ModelError, OutputError)}
    return kinds.get(outcome.kind, LyricsrecError)(outcome.message)
