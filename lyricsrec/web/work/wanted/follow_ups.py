"""Makes what is wanted of a job whose lyrics exist."""

from __future__ import annotations

from functools import partial
from typing import get_args

from lyricsrec.base.progress import Progress
from lyricsrec.web.follow_ups.base import Material
from lyricsrec.web.follow_ups.registry import FOLLOW_UPS
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import FollowUpName, Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.heartbeat import JobLost
from lyricsrec.web.work.song import opened
from lyricsrec.web.work.stems import StemMaker
from lyricsrec.web.work.wanted.noted import noted

_NAMES: tuple[FollowUpName, ...] = get_args(FollowUpName)


class FollowUpMaker:
    """Makes follow-ups, one after the other, until none is wanted. The separator is that of the stems."""

    def __init__(self, store: Store, worker: str, config: ServeConfig, stems: StemMaker) -> None:
        self._store, self._worker, self._config, self._stems = store, worker, config, stems

    def make_all(self, job: Job, folder: JobFolder, progress: Progress) -> None:
        """Make all that are wanted, those included that are asked for meanwhile.

        Raises JobLost, and OutputError if it may pass.
        """
        while wanted := self._wanted(job.id):
            self._make(wanted[0], job, folder, progress)
            if not self._store.made(job.id, self._worker, wanted[0]):
                raise JobLost

    def _wanted(self, id: str) -> list[FollowUpName]:
        now = self._store.get(id)
        if now is None or now.state != "running":
            raise JobLost
        order = now.wanted.split()
        return sorted((name for name in _NAMES if name in order), key=order.index)

    def _make(self, name: FollowUpName, job: Job, folder: JobFolder, progress: Progress) -> None:
        """Make one. A failure is noted for display, and the lyrics stay."""
        material = Material(folder, open_song=partial(opened, job, folder), separator=self._stems.separator)
        with noted(folder.follow_up_note(name), name, job, self._config):
            FOLLOW_UPS[name].make(material, folder.follow_up(name), progress)
            folder.follow_up_note(name).unlink(missing_ok=True)
