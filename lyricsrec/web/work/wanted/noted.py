"""A failure of what is wanted is noted for display; the job and its lyrics stay."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from lyricsrec.base.errors import LyricsrecError, ModelError, OutputError
from lyricsrec.base.output import write_text
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.work.errors import error_text, may_pass
from lyricsrec.web.work.heartbeat import JobLost

_LOG = logging.getLogger("lyricsrec.web")


@contextlib.contextmanager
def noted(note: Path, name: str, job: Job, config: ServeConfig) -> Iterator[None]:
    """Write why the block, which makes `name`, failed into the file `note`.

    Raises JobLost, and OutputError if it may pass.
    """
    try:
        yield
    except JobLost:
        raise
    except Exception as error:
        if may_pass(error, job, config):
            raise
        if not isinstance(error, LyricsrecError):
            _LOG.exception("job %s: no %s", job.id, name)
        with contextlib.suppress(OutputError):
            write_text(note, _text(error, job))


def _text(error: Exception, job: Job) -> str:
    if isinstance(error, ModelError):
        return "the models that this needs are not available on this server"
    return error_text(error, job).removeprefix(f"{job.name}: ")
