"""What an engine is: workers that hold models, each with at most one song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Protocol

from lyricsrec.base.settings import Natural, Settings
from lyricsrec.catalogue.songs import Job
from lyricsrec.catalogue.work import Outcome


@dataclass(frozen=True)
class EngineOptions(Settings):
    """How many workers, and what each may use.

    `workers` None lets the engine choose; `threads` None divides the cores of a machine by its workers. `address` is
    that of a Ray cluster, None for one on this machine.
    """

    workers: Natural | None = None
    threads: Natural | None = None
    _: KW_ONLY
    address: str | None = None


class Engine(Protocol):
    """Workers. A context manager, which ends them; songs that are not finished are dropped."""

    @property
    def num_workers(self) -> int:
        """How many songs are done at a time."""

    @property
    def num_free(self) -> int:
        """How many workers wait for a song."""

    def __enter__(self) -> Engine:
        """Start the workers, and fetch the models where they are needed."""

    def __exit__(self, *_: object) -> None:
        """End the workers."""

    def submit(self, job: Job, base: Path) -> None:
        """Give a song to a free worker."""

    def wait(self, timeout_s: float) -> Sequence[Outcome]:
        """What has become of songs since the last call, waiting for the first of them at most so long."""
