"""The transcript of a job: as recognised or timed, and with a user's corrections."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.base.output import replacing
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.web.failures import Refused
from lyricsrec.web.gone import no_job
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.texts.edit import Edit, InvalidEditError, read_edit


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


@dataclass(frozen=True)
class _Found:
    revision: int
    is_edited: bool
    path: Path


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

    def write(self, id: str, body: bytes) -> int:
        """Save the correction in the body of a request (see `TranscriptIn`); returns the new revision.

        Raises Refused for an invalid transcript, or when its revision is not the current one.
        """
        current, edit = self._checked(id, body)
        with self._lock:
            if self._find(id).revision != edit.revision or current.revision != edit.revision:
                raise _outdated()
            with replacing(JobFolder(self._root, id).edited) as temporary:
                temporary.write_text(edit.text, "utf-8")
                return self._bump(id, edit.revision)

    def check(self, id: str, body: bytes) -> str:
        """The complete transcript that `write` would save, as JSON. Raises Refused for an invalid one."""
        return self._checked(id, body)[1].text

    def _checked(self, id: str, body: bytes) -> tuple[_Found, Edit]:
        with self._lock:
            current = self._find(id)
        try:
            # Not under the lock: it may take seconds.
            return current, read_edit(body, current.path)
        except InvalidEditError as error:
            raise _invalid(str(error)) from None
        except FileNotFoundError:
            raise no_job() from None

    def undo(self, id: str) -> int:
        """Discard all corrections; returns the new revision. Raises Refused if there is no transcript."""
        with self._lock:
            revision = self._bump(id, self._read(id).revision)
            JobFolder(self._root, id).edited.unlink(missing_ok=True)
            return revision

    def _read(self, id: str) -> Current:
        found = self._find(id)
        try:
            text = found.path.read_text("utf-8")
        except FileNotFoundError:
            raise no_job() from None
        return Current(found.revision, found.is_edited, text)

    def _find(self, id: str) -> _Found:
        job, folder = self._store.get(id), JobFolder(self._root, id)
        if job is None:
            raise no_job()
        check_done(job)
        is_edited = folder.edited.is_file()
        return _Found(job.revision, is_edited, folder.edited if is_edited else folder.transcript)

    def _bump(self, id: str, revision: int) -> int:
        new = self._store.bump_revision(id, revision)
        if new is None:
            raise _outdated()
        return new


def _outdated() -> Refused:
    return Refused(409, "the lyrics were changed elsewhere", "Load them again, and correct the new version.")


def check_done(job: Job) -> None:
    """Raise Refused unless the lyrics of a job exist."""
    if not job.has_lyrics:
        state = job.state if job.is_over else f"still {job.state}"
        raise Refused(409, f"this song has no lyrics: its job is {state}", "Lyrics exist once the state is `done`.")


def _invalid(why: str) -> Refused:
    return Refused(422, f"invalid transcript: {why}", "Send the transcript that GET returned, with your corrections.")
