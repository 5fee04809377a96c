"""Old jobs go: by age, and by the size of all together."""

from __future__ import annotations

import time

from lyricsrec.base.errors import OutputError
from lyricsrec.web.jobs.folder import JobFolder, folders
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig

_DAY_S = 86_400.0
_GIB = 1 << 30
_UPLOAD_S = 3600.0


def expire(store: Store, config: ServeConfig) -> int:
    """Remove jobs that are over and too old, then the oldest of them while all files together are too much.

    Folders that no job knows go too, when nothing in them has changed for an hour: what remains of broken uploads, and
    of jobs that were deleted while a worker wrote. Returns how many folders there were to remove.
    """
    now = time.time()
    over = store.over()
    old = [job for job in over if job.finished_at is not None and job.finished_at < now - config.keep_days * _DAY_S]
    for job in old:
        remove_job(store, JobFolder(config.folder, job.id))
    strays = [stray for stray in folders(config.folder) if stray.changed_at() < now - _UPLOAD_S]
    strays = [stray for stray in strays if store.get(stray.id) is None]
    for stray in strays:
        stray.remove()
    return len(old) + len(strays) + _shrink(store, config, over[len(old) :])


def _shrink(store: Store, config: ServeConfig, over: list[Job]) -> int:
    """Remove jobs, oldest first, until all files fit."""
    used = sum(folder.size_bytes() for folder in folders(config.folder))
    removed = 0
    for job in over:
        if used <= config.keep_gib * _GIB:
            break
        used -= JobFolder(config.folder, job.id).size_bytes()
        remove_job(store, JobFolder(config.folder, job.id))
        removed += 1
    return removed


def remove_job(store: Store, folder: JobFolder) -> bool:
    """Remove a job, in whatever state, and its files. False where there is none."""
    try:
        # The entry first: one without files would be a job that is shown and cannot be opened.
        found = store.delete(folder.id)
    except OutputError:
        # On a full disk, the files make the room that removing the entry takes.
        folder.remove()
        found = store.delete(folder.id)
    folder.remove()
    return found
