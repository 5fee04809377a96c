"""A worker: does one song after another with models that it loads once."""

from __future__ import annotations

import socket
import time
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Literal

from lyricsrec.base.device import seed_everything
from lyricsrec.base.errors import AudioError, LyricsrecError, OutputError
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.tasks.base import Do, Task
from lyricsrec.pipeline.batch import FAILURES, failure

Status = Literal["done", "failed", "died", "fatal"]


@dataclass(frozen=True)
class Outcome:
    """What became of a song: done, failed, its worker died, or an error that ends the whole run ("fatal").

    `kind` and `message` say what went wrong; `seconds` is how long it took, `audio_s` how long the song is.
    `machine` is where it was done.
    """

    key: str
    status: Status
    _: KW_ONLY
    kind: str = ""
    message: str = ""
    seconds: float = 0.0
    audio_s: float = 0.0
    machine: str = field(default_factory=socket.gethostname)


class Worker:
    """Does songs of a task; its models are loaded at the first one."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._do: Do | None = None

    def do(self, job: Job, base: Path) -> Outcome:
        """Do a song, and write results whose names begin with `base`."""
        if self._do is None:
            try:
                self._do = self._task.load()
            except LyricsrecError as error:
                return _outcome(job, "fatal", error)
        began = time.perf_counter()
        try:
            _check_unchanged(job)
            seed_everything(self._task.seed)
            audio_s = self._do(job, base)
        except OutputError as error:
            return _outcome(job, "fatal", error)
        except LyricsrecError as error:
            return _outcome(job, "failed", error, time.perf_counter() - began)
        except FAILURES as error:
            return _outcome(job, "failed", failure(job.name, error), time.perf_counter() - began, type(error).__name__)
        return Outcome(job.key, "done", seconds=time.perf_counter() - began, audio_s=audio_s)


def _outcome(job: Job, status: Status, error: LyricsrecError, seconds: float = 0.0, kind: str = "") -> Outcome:
    message = f"{error} {error.hint}" if status == "fatal" and error.hint else str(error)
    return Outcome(job.key, status, kind=kind or type(error).__name__, message=message, seconds=seconds)


def _check_unchanged(job: Job) -> None:
    """Raise AudioError where a file has changed since its content was read: its result would have a wrong key."""
    try:
        status = Path(job.path).stat()
    except OSError as error:
        raise AudioError(f"{job.name}: cannot be read any more ({error.strerror})") from None
    if (status.st_size, status.st_mtime_ns) != (job.size, job.changed_ns):
        raise AudioError(f"{job.name}: has changed since the run began", "Run the command again.")
