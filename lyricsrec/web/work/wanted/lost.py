"""What becomes of jobs whose worker crashed: they are tried again, or it is noted that what was wanted failed."""

from __future__ import annotations

import contextlib
import json
from typing import Any, get_args

from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import write_text
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import FollowUpName, Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.karaoke.kept import all_kept
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.stems import FAILED

_MADE = "processing crashed; the server may need more memory for this song"


def requeue_lost(store: Store, config: ServeConfig, worker: str | None = None, **how: Any) -> None:
    """Requeue lost jobs as `Store.requeue_lost` does.

    Where the lyrics exist and no attempt is left, what was still wanted gets a note, for display.
    """
    before = store.wanting()
    if not store.requeue_lost(worker, **how):
        return
    for job in before:
        now = store.get(job.id)
        if now is not None and now.state == "done":
            with contextlib.suppress(OutputError):
                _note(job, JobFolder(config.folder, job.id))


def _note(job: Job, folder: JobFolder) -> None:
    wanted = job.wanted.split()
    notes = {name: folder.follow_up_note(name) for name in get_args(FollowUpName)}
    notes |= {kept.name: kept.note for kept in all_kept(folder)}
    for path in (notes[name] for name in wanted if name in notes):
        write_text(path, _MADE)
    if "stems" in wanted:
        write_text(folder.stems_note, FAILED)
    if "timing" in wanted:
        write_text(folder.retimed, json.dumps({"error": _MADE}))
