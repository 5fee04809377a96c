"""The song of a job."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from lyricsrec.audio.media import Song, open_song
from lyricsrec.base.errors import AudioError
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job


@contextlib.contextmanager
def opened(job: Job, folder: JobFolder) -> Iterator[Song]:
    """The song of a job, opened under its original file name. Raises AudioError when it cannot be read."""
    with song_of(job, folder).open("rb") as file:
        yield open_song(file, job.name)


def song_of(job: Job, folder: JobFolder) -> Path:
    """The uploaded file of a job. Raises AudioError when it is missing."""
    path = folder.song
    if path is None:
        raise AudioError(f"{job.name}: the uploaded file is missing")
    return path
