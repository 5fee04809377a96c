"""A job's transcript: as it was heard, as a user corrected it, and back."""

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
MAX_WORD_LETTERS = 500

_LATE_S = 1.0


@dataclass(frozen=True)
class Present:
    """The transcript that counts now, as JSON."""

    revision: int
    is_edited: bool
    text: str

    @property
    def transcript(self) -> Transcript:
        """Its text, parsed."""
        return Transcript.from_json(self.text)


class Edits:
    """Transcripts of the jobs of a data folder, changed by one client at a time."""

    def __init__(self, store: Store, root: Path) -> None:
        self._store = store
        self._root = root
        self._turn = threading.Lock()

    def read(self, id: str) -> Present:
        """The transcript that counts. Raises Refused where there is none."""
        with self._turn:
            return self._read(id)

    def write(self, id: str, revision: int, document: dict[str, Any]) -> int:
        """Take corrected lines; the new revision.

        Raises Refused for what is no transcript, or when `revision` is not the present one any more.
        """
        edited = _parse(document)
        with self._turn:
            present = self._read(id)
            if present.revision != revision:
                raise _outdated()
            heard = present.transcript
            _check_lines(edited.lines, heard.duration_s)
            # Without indentation: with it, Python's own encoder would be at work, which takes ten times as long.
            text = replace(heard, lines=edited.lines).to_json(indent=None)
            with replacing(JobFolder(self._root, id).edited) as temporary:
                temporary.write_text(text, "utf-8")
                return self._bump(id, revision)

    def undo(self, id: str) -> int:
        """Go back to what was heard; the new revision. Raises Refused where there is no transcript."""
        with self._turn:
            present = self._read(id)
            revision = self._bump(id, present.revision)
            JobFolder(self._root, id).edited.unlink(missing_ok=True)
            return revision

    def _read(self, id: str) -> Present:
        job, folder = self._store.get(id), JobFolder(self._root, id)
        if job is None:
            raise no_job()
        check_done(job)
        is_edited = folder.edited.is_file()
        try:
            text = (folder.edited if is_edited else folder.transcript).read_text("utf-8")
        except FileNotFoundError:
            raise no_job() from None
        return Present(job.revision, is_edited, text)

    def _bump(self, id: str, revision: int) -> int:
        new = self._store.bump_revision(id, revision)
        if new is None:
            raise _outdated()
        return new


def no_job() -> Refused:
    """What to answer when there is no job of an id."""
    return Refused(404, "there is no such job", "GET /api/jobs lists what there is.")


def _outdated() -> Refused:
    return Refused(409, "it was corrected elsewhere meanwhile", "Load it again and correct that.")


def check_done(job: Job) -> None:
    """Raise Refused unless a job has a result."""
    if job.state != "done":
        state = job.state if job.is_over else f"still {job.state}"
        raise Refused(409, f"this song has no lyrics: it is {state}", "Wait for state `done`.")


def _parse(document: dict[str, Any]) -> Transcript:
    try:
        return Transcript.from_json(json.dumps(document))
    except (ValueError, RecursionError):
        raise _no_transcript("it is not of schema 1") from None


def _check_lines(lines: tuple[Line, ...], duration_s: float) -> None:
    """Raise Refused for values that no transcript has: those of the JSON document are of any type."""
    num_words = sum(len(line.words) for line in lines)
    if num_words > MAX_WORDS:
        raise _no_transcript(f"it has more than {MAX_WORDS} words")
    for number, line in enumerate(lines, 1):
        problem = next(_problems(line, duration_s + _LATE_S), None)
        if problem is not None:
            raise _no_transcript(f"line {number}: {problem}")


def _problems(line: Line, end_s: float) -> Iterator[str]:
    if not line.words:
        yield "it has no words"
    for word in line.words:
        if not _is_text(word.text) or word.text.split() != [word.text] or not _is_visible(word.text):
            yield f"a word must be text of 1 to {MAX_WORD_LETTERS} characters without spaces"
        yield from _time_problems(word, end_s)
        if word.confidence is not None and not _is_between(0, word.confidence, 1):
            yield "a confidence must be between 0 and 1"
    if line.placement is not None and not _is_placement(line.placement):
        yield "its placement has no such score, band or reason"


def _time_problems(word: Word, end_s: float) -> Iterator[str]:
    times = (word.start_s, word.end_s)
    if times == (None, None):
        return
    if not _is_between(0, word.start_s, end_s) or not _is_between(word.start_s, word.end_s, end_s):
        yield "times must be seconds within the song, and no word may end before it starts"


def _is_between(least: Any, value: Any, most: float) -> bool:
    # Written so that what is not a number, and NaN, is not between anything.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


def _is_placement(placement: Placement) -> bool:
    reason = placement.reason
    return (
        _is_between(0, placement.score, 1) and placement.band in get_args(Band) and (reason is None or _is_text(reason))
    )


def _is_text(value: Any) -> bool:
    # JSON can spell control characters and halves of characters; no file of lyrics can.
    return (
        isinstance(value, str)
        and len(value) <= MAX_WORD_LETTERS
        and not any(unicodedata.category(c) in ("Cc", "Cs") for c in value)
    )


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(c)[0] != "C" for c in text)


def _no_transcript(why: str) -> Refused:
    return Refused(422, f"this is no transcript: {why}", "Send the document of GET with your corrections.")
