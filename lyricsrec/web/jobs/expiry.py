"""Removes old jobs: by age, and by the total size of all files."""

from __future__ import annotations

import time

from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import write_text
from lyricsrec.web.jobs.folder import JobFolder, folders
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig

WARNING_DAYS = 7.0
"""How long the page warns before corrected lyrics are removed for want of space."""

_DAY_S = 86_400.0
_GIB = 1 << 30
_UPLOAD_S = 3600.0


def expire(store: Store, config: ServeConfig) -> int:
    """Remove finished jobs that are too old, then the oldest ones while all files together exceed the limit.

    Corrected lyrics have no age. Where they alone exceed the limit, a warning of `WARNING_DAYS` comes first.
    Folders without a job are removed when nothing in them has changed for an hour: remains of interrupted uploads, and
    of jobs that were deleted while a worker wrote. Returns the number of folders removed.
    """
    now = time.time()
    over = [(job, JobFolder(config.folder, job.id)) for job in store.over()]
    plain = [(job, folder) for job, folder in over if not folder.edited.is_file()]
    edited = [folder for _, folder in over if folder.edited.is_file()]
    old = [folder for job, folder in plain if (goes_at := _goes_at(job, config)) is not None and goes_at < now]
    for folder in old:
        remove_job(store, folder)
    orphans = [folder for folder in folders(config.folder) if folder.changed_at() < now - _UPLOAD_S]
    orphans = [orphan for orphan in orphans if store.get(orphan.id) is None]
    for orphan in orphans:
        orphan.remove()
    young = [folder for _, folder in plain if folder not in old]
    return len(old) + len(orphans) + _shrink(store, config, young, edited)


def expires_at(job: Job, folder: JobFolder, config: ServeConfig) -> float | None:
    """When a finished job will be removed, as a time of the Unix epoch; None where that is open."""
    return folder.leaves_at if folder.edited.is_file() else _goes_at(job, config) if job.is_over else None


def _goes_at(job: Job, config: ServeConfig) -> float | None:
    return None if job.finished_at is None else job.finished_at + config.keep_days * _DAY_S


def _shrink(store: Store, config: ServeConfig, plain: list[JobFolder], edited: list[JobFolder]) -> int:
    """Remove finished jobs, oldest first, until all files fit; the number of jobs removed.

    Corrected lyrics come last, and only once the time of their warning is over; a warning that no longer holds is
    withdrawn.
    """
    used = sum(folder.size_bytes() for folder in folders(config.folder))
    removed = 0
    for folder in plain:
        if used <= config.keep_gib * _GIB:
            break
        used -= folder.size_bytes()
        remove_job(store, folder)
        removed += 1
    for folder in edited:
        if used <= config.keep_gib * _GIB:
            folder.leaving.unlink(missing_ok=True)
            continue
        used -= folder.size_bytes()
        leaves_at = folder.leaves_at
        if leaves_at is None:
            write_text(folder.leaving, str(time.time() + WARNING_DAYS * _DAY_S))
        elif leaves_at < time.time():
            remove_job(store, folder)
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
