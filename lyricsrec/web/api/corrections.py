"""The transcript of a job: as recognised or timed, and with a user's corrections."""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from lyricsrec.base.output import replacing
from lyricsrec.lyrics.transcript import Band, Line, Placement, Transcript, Word
from lyricsrec.web.failures import Refused
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store

MAX_WORDS = 100_000
MAX_WORD_CHARS = 500

_TOLERANCE_S = 1.0


@dataclass(frozen=True)
class Current:
    """The current transcript of a job as JSON."""

    revision: int
    is_edited: bool
    text: str

    @property
    def transcript(self) -> Transcript:
        """The parsed transcript."""
        return Transcript.from_json(self.text)


class Corrections:
    """Reads and corrects the transcripts of a data folder; one change at a time."""

    def __init__(self, store: Store, root: Path) -> None:
        self._store = store
        self._root = root
        self._lock = threading.Lock()

    def read(self, id: str) -> Current:
        """The current transcript. Raises Refused if there is none."""
        with self._lock:
            return self._read(id)

    def write(self, id: str, revision: int, document: dict[str, Any]) -> int:
        """Save corrected lines; returns the new revision.

        Raises Refused for an invalid transcript, or when `revision` is not the current one.
        """
        edited = _parse(document)
        with self._lock:
            current = self._read(id)
            if current.revision != revision:
                raise _outdated()
            transcript = current.transcript
            _check_lines(edited.lines, transcript.duration_s)
            # With indentation, json uses its Python encoder, which is ten times slower.
            text = replace(transcript, lines=edited.lines).to_json(indent=None)
            with replacing(JobFolder(self._root, id).edited) as temporary:
                temporary.write_text(text, "utf-8")
                return self._bump(id, revision)

    def undo(self, id: str) -> int:
        """Discard all corrections; returns the new revision. Raises Refused if there is no transcript."""
        with self._lock:
            revision = self._bump(id, self._read(id).revision)
            JobFolder(self._root, id).edited.unlink(missing_ok=True)
            return revision

    def _read(self, id: str) -> Current:
        job, folder = self._store.get(id), JobFolder(self._root, id)
        if job is None:
            raise no_job()
        check_done(job)
        is_edited = folder.edited.is_file()
        try:
            text = (folder.edited if is_edited else folder.transcript).read_text("utf-8")
        except FileNotFoundError:
            raise no_job() from None
        return Current(job.revision, is_edited, text)

    def _bump(self, id: str, revision: int) -> int:
        new = self._store.bump_revision(id, revision)
        if new is None:
            raise _outdated()
        return new


def no_job() -> Refused:
    """The response for an unknown job id."""
    return Refused(404, "no job has this id", "GET /api/jobs lists all jobs.")


def _outdated() -> Refused:
    return Refused(409, "the lyrics were changed elsewhere", "Load them again, and correct the new version.")


def check_done(job: Job) -> None:
    """Raise Refused unless the lyrics of a job exist."""
    if not job.has_lyrics:
        state = job.state if job.is_over else f"still {job.state}"
        raise Refused(409, f"this song has no lyrics: its job is {state}", "Lyrics exist once the state is `done`.")


def _parse(document: dict[str, Any]) -> Transcript:
    try:
        return Transcript.from_json(json.dumps(document))
    except (ValueError, RecursionError):
        raise _invalid("it does not have schema 1") from None


def _check_lines(lines: tuple[Line, ...], duration_s: float) -> None:
    """Raise Refused for invalid values: those of a JSON document can have any type."""
    num_words = sum(len(line.words) for line in lines)
    if num_words > MAX_WORDS:
        raise _invalid(f"it has more than {MAX_WORDS} words")
    for number, line in enumerate(lines, 1):
        problem = next(_problems(line, duration_s + _TOLERANCE_S), None)
        if problem is not None:
            raise _invalid(f"line {number}: {problem}")


def _problems(line: Line, end_s: float) -> Iterator[str]:
    if not line.words:
        yield "a line needs at least one word"
    for word in line.words:
        if not _is_text(word.text) or word.text.split() != [word.text] or not _is_visible(word.text):
            yield f"a word must be text of 1 to {MAX_WORD_CHARS} characters without spaces"
        yield from _time_problems(word, end_s)
        if word.confidence is not None and not _is_between(0, word.confidence, 1):
            yield "a confidence must be a number from 0 to 1"
    if line.placement is not None and not _is_placement(line.placement):
        yield "its placement has an invalid score, band or reason"


def _time_problems(word: Word, end_s: float) -> Iterator[str]:
    times = (word.start_s, word.end_s)
    if times == (None, None):
        return
    if not _is_between(0, word.start_s, end_s) or not _is_between(word.start_s, word.end_s, end_s):
        yield "word times must be seconds within the song, and no word may end before it starts"


def _is_between(least: Any, value: Any, most: float) -> bool:
    # False for NaN and for anything that is not a number.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


def _is_placement(placement: Placement) -> bool:
    reason = placement.reason
    return (
        _is_between(0, placement.score, 1) and placement.band in get_args(Band) and (reason is None or _is_text(reason))
    )


def _is_text(value: Any) -> bool:
    # JSON can contain control characters and lone surrogates, which lyrics files cannot.
    return (
        isinstance(value, str)
        and len(value) <= MAX_WORD_CHARS
        and not any(unicodedata.category(c) in ("Cc", "Cs") for c in value)
    )


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(c)[0] != "C" for c in text)


def _invalid(why: str) -> Refused:
    return Refused(422, f"invalid transcript: {why}", "Send the transcript that GET returned, with your corrections.")
