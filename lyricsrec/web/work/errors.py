"""Errors of processing, as clients may see them."""

from __future__ import annotations

from lyricsrec.base.errors import LyricsrecError, ModelError, OutputError
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.settings import ServeConfig

_MAX_ERROR_CHARS = 300


def may_pass(error: Exception, job: Job, config: ServeConfig) -> bool:
    """Whether another attempt may succeed, and is left: the disk may have room again."""
    return isinstance(error, OutputError) and job.attempts < config.max_attempts


def error_text(error: Exception, job: Job) -> str:
    """One line to display for an error, without paths of this machine or flags of the command line."""
    if isinstance(error, OutputError):
        return "the result could not be saved: the server's disk is full or not writable"
    if isinstance(error, ModelError):
        return f"the models of preset '{job.preset}' are not available on this server"
    if _is_out_of_memory(error):
        return "the server does not have enough memory for this song"
    if not isinstance(error, LyricsrecError):
        return f"unexpected error while processing this song ({type(error).__name__}); the server's log has details"
    line = " ".join(str(error).split())
    return line if len(line) <= _MAX_ERROR_CHARS else f"{line[:_MAX_ERROR_CHARS]}…"


def _is_out_of_memory(error: Exception) -> bool:
    # torch has an exception class for GPU memory only, and C++ libraries none; torch is not imported just for this.
    messages = ("can't allocate memory", "bad_alloc", "bad allocation", "out of memory")
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and any(message in str(error) for message in messages))
    )
