"""A task for catalogues that needs no models: it copies what a song says, and does what its content asks for."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import write_text
from lyricsrec.base.progress import Progress
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.store.folder import result_file
from lyricsrec.catalogue.tasks.base import Do
from lyricsrec.catalogue.work import Outcome, Worker


@dataclass(frozen=True)
class Copy:
    """Writes the content of a song, its lyrics and a random number; "die" and "fail" in the content do that.

    `version` is a setting. Every start of a song adds a line to `log`, if there is one, and takes `seconds`.
    """

    version: int = 1
    log: Path | None = None
    seconds: float = 0.0
    needs_lyrics: bool = False
    name: str = "copy"
    seed: int = 0

    def settings(self) -> Mapping[str, Any]:
        return {"version": self.version}

    def fetch(self, progress: Progress) -> Mapping[str, str]:
        return {"model": "0"}

    def load(self) -> Do:
        return self._do

    def _do(self, job: Job, base: Path) -> float:
        text = Path(job.path).read_text("utf-8")
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{os.getpid()} {text}\n")
        time.sleep(self.seconds)
        if "die" in text:
            os._exit(9)
        if "fail" in text:
            raise AudioError(f"{job.name}: fails")
        found = {"text": text, "lyrics": job.lyrics or job.lyrics_path, "random": float(np.random.rand())}
        write_text(result_file(base), json.dumps(found))
        return 2.0


@dataclass
class InProcess:
    """An engine in this process; a song that says "die" becomes the outcome of a worker that died."""

    task: Copy
    num_workers: int = 2
    given: list[Outcome] = field(default_factory=list)

    def __enter__(self) -> InProcess:
        self._worker = Worker(self.task)
        return self

    def __exit__(self, *_: object) -> None:
        self.given.clear()

    @property
    def num_free(self) -> int:
        return self.num_workers - len(self.given)

    def submit(self, job: Job, base: Path) -> None:
        if "die" in Path(job.path).read_text("utf-8"):
            self.given.append(Outcome(job.key, "died", kind="WorkerDied", message="signal 9"))
        else:
            self.given.append(self._worker.do(job, base))

    def wait(self, timeout_s: float) -> Sequence[Outcome]:
        return [self.given.pop(0)] if self.given else ()
