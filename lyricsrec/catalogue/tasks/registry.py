"""Every task, by its name on the command line."""

from __future__ import annotations

from collections.abc import Callable

from lyricsrec.base.errors import UsageError
from lyricsrec.catalogue.tasks.base import Task, TaskOptions
from lyricsrec.catalogue.tasks.music import Chords, Melody
from lyricsrec.catalogue.tasks.stems import Separate
from lyricsrec.catalogue.tasks.transcripts import Align, Transcribe

TASKS: dict[str, Callable[[TaskOptions], Task]] = {
    "transcribe": Transcribe.of,
    "align": Align.of,
    "separate": Separate.of,
    "melody": Melody.of,
    "chords": Chords.of,
}


def make_task(name: str, options: TaskOptions) -> Task:
    """The task with these options. Raises UsageError for an unknown name and options that do not fit."""
    if name not in TASKS:
        raise UsageError(f"unknown task '{name}'", f"Known tasks: {', '.join(TASKS)}.")
    return TASKS[name](options)
