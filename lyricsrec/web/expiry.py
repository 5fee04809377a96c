"""Old jobs go: by age, and by the size of all together."""

from __future__ import annotations

import time

from lyricsrec.web.config import ServeConfig
from lyricsrec.web.folder import JobFolder, folders
from lyricsrec.web.job import Job
from lyricsrec.web.store import Store

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
        _remove(store, config, job)
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
        _remove(store, config, job)
        removed += 1
    return removed


def _remove(store: Store, config: ServeConfig, job: Job) -> None:
    # The entry first: one without files would be a job that is shown and cannot be opened.
    store.delete(job.id)
    JobFolder(config.folder, job.id).remove()
