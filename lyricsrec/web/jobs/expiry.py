"""Removes old jobs: by age, and by the total size of all files."""

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
    """Remove finished jobs that are too old, then the oldest ones while all files together exceed the limit.

    Folders without a job are removed when nothing in them has changed for an hour: remains of interrupted uploads, and
    of jobs that were deleted while a worker wrote. Returns the number of folders removed.
    """
    now = time.time()
    over = store.over()
    old = [job for job in over if job.finished_at is not None and job.finished_at < now - config.keep_days * _DAY_S]
    for job in old:
        remove_job(store, JobFolder(config.folder, job.id))
    orphans = [folder for folder in folders(config.folder) if folder.changed_at() < now - _UPLOAD_S]
    orphans = [orphan for orphan in orphans if store.get(orphan.id) is None]
    for orphan in orphans:
        orphan.remove()
    return len(old) + len(orphans) + _shrink(store, config, over[len(old) :])


def _shrink(store: Store, config: ServeConfig, over: list[Job]) -> int:
    """Remove finished jobs, oldest first, until all files fit; the number of jobs removed."""
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
    """Remove a job in any state with its files. False if there is none."""
    try:
        # The database row first: a row without files would be a listed job that cannot be opened.
        found = store.delete(folder.id)
    except OutputError:
        # Deleting a row needs disk space, which the files free.
        folder.remove()
        found = store.delete(folder.id)
    folder.remove()
    return found
