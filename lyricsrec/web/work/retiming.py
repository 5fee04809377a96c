"""What the worker does: it times the words of a transcript in the job's folder that have none."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

from lyricsrec.base.errors import LyricsrecError, ModelError
from lyricsrec.base.output import write_text
from lyricsrec.base.progress import Progress
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.presets import pipeline_config
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.errors import error_text
from lyricsrec.web.work.heartbeat import JobLost
from lyricsrec.web.work.pipeline_cache import PipelineCache
from lyricsrec.web.work.song import opened

_LOG = logging.getLogger("lyricsrec.web")


class Retimer:
    """Times words with the model that times given lyrics, which it keeps loaded."""

    def __init__(self, store: Store, worker: str, config: ServeConfig, pipelines: PipelineCache) -> None:
        self._store, self._worker, self._config, self._pipelines = store, worker, config, pipelines

    def make(self, job: Job, folder: JobFolder, progress: Progress) -> None:
        """Time the words that are wanted, if any. A failure is noted in the result. Raises JobLost and OutputError."""
        asked = ""
        # Another request may have taken the place of the first one meanwhile.
        while self._is_wanted(job.id) and (now := folder.untimed.read_text("utf-8")) != asked:
            asked = now
            write_text(folder.retimed, self._result(asked, job, folder, progress))
        if asked and not self._store.made(job.id, self._worker, "timing"):
            raise JobLost

    def _is_wanted(self, id: str) -> bool:
        now = self._store.get(id)
        if now is None or now.state != "running":
            raise JobLost
        return "timing" in now.wanted.split()

    def _result(self, asked: str, job: Job, folder: JobFolder, progress: Progress) -> str:
        try:
            return json.dumps({"transcript": json.loads(self._timed(asked, job, folder, progress).to_json(None))})
        except JobLost:
            raise
        except Exception as error:
            if not isinstance(error, LyricsrecError):
                _LOG.exception("job %s: words could not be timed", job.id)
            return json.dumps({"error": _note(error, job)})

    def _timed(self, asked: str, job: Job, folder: JobFolder, progress: Progress) -> Transcript:
        from lyricsrec.alignment.settings import AlignConfig
        from lyricsrec.lyrics.languages import language_name
        from lyricsrec.pipeline.correction.time_words import time_words

        corrected = Transcript.from_json(asked)
        # Words as they were found have not been moved by hand.
        found = Transcript.from_json(folder.transcript.read_text("utf-8"))
        language = language_name(job.language or found.provenance.language) or AlignConfig.language
        pipeline = self._pipelines.get(pipeline_config(replace(job, kind="align"), self._config), progress)
        with opened(job, folder) as song:
            return time_words(
                pipeline,
                song,
                corrected,
                movable=frozenset(found.words),
                config=AlignConfig(language=language),
                progress=progress,
            )


def _note(error: Exception, job: Job) -> str:
    if isinstance(error, ModelError):
        return "the model that times lyrics is not available on this server"
    return error_text(error, job).removeprefix(f"{job.name}: ")
