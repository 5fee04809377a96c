"""Every engine, by its name on the command line."""

from __future__ import annotations

from collections.abc import Callable

from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import Progress
from lyricsrec.catalogue.engines.base import Engine, EngineOptions
from lyricsrec.catalogue.engines.local import LocalEngine
from lyricsrec.catalogue.engines.ray_cluster import RayEngine
from lyricsrec.catalogue.tasks.base import Task


def _local(task: Task, options: EngineOptions, progress: Progress) -> Engine:
    if options.address is not None:
        raise UsageError("--address is for --engine ray")
    return LocalEngine(task, options)


ENGINES: dict[str, Callable[[Task, EngineOptions, Progress], Engine]] = {"local": _local, "ray": RayEngine}


def make_engine(name: str, task: Task, options: EngineOptions, progress: Progress) -> Engine:
    """The engine of this name, not started. Raises UsageError for an unknown name and a library that is missing."""
    if name not in ENGINES:
        raise UsageError(f"unknown engine '{name}'", f"Known engines: {', '.join(ENGINES)}.")
    return ENGINES[name](task, options, progress)
