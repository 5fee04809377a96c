"""The karaoke files of a job: what was asked for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, Field

from lyricsrec.base.output import write_text
from lyricsrec.karaoke.package.make import file_name
from lyricsrec.web.jobs.folder import JobFolder, text_of
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.karaoke.request import KaraokeIn, KaraokeKind

SUFFIXES: dict[KaraokeKind, str] = {
    "mp4": ".mp4",
    "webm": ".webm",
    "cdg": ".cdg.zip",
    "ultrastar": ".ultrastar.zip",
    "ass": ".ass",
    "package": ".zip",
}
"""How the file of each kind ends."""

_PREFIX = "karaoke-"
_KINDS: tuple[KaraokeKind, ...] = get_args(KaraokeKind)


class KaraokeOut(BaseModel):
    """A karaoke file that was asked for."""

    kind: KaraokeKind
    state: Literal["wanted", "done", "failed", "stopped"] = Field(
        description="`wanted` while it is in the queue or in the making."
    )
    revision: int = Field(description="The revision of the transcript when it was asked for.")
    look: KaraokeIn
    error: str | None = Field(description="Why it failed, for display.")
    size_bytes: int | None


class Asked(BaseModel):
    """What was asked for, and the revision of the transcript then."""

    revision: int
    look: KaraokeIn


@dataclass(frozen=True)
class KeptKaraoke:
    """The karaoke file of one kind in the folder of a job."""

    folder: JobFolder
    kind: KaraokeKind

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.folder.path / f"karaoke{SUFFIXES[self.kind]}"

    @property
    def name(self) -> str:
        """Its name among what a job has in `wanted`."""
        return f"{_PREFIX}{self.kind}"

    @property
    def note(self) -> Path:
        """Why it could not be made, for display."""
        return self.folder.path / f"karaoke.{self.kind}.txt"

    @property
    def _request(self) -> Path:
        return self.folder.path / f"karaoke.{self.kind}.json"

    def ask(self, look: KaraokeIn, revision: int) -> None:
        """Keep what is asked for. Raises OutputError."""
        write_text(self._request, Asked(revision=revision, look=look).model_dump_json())

    def take_back(self, before: Asked | None) -> None:
        """Keep what was asked for before. Raises OutputError."""
        if before is None:
            self._request.unlink(missing_ok=True)
        else:
            self.ask(before.look, before.revision)

    def clear(self) -> None:
        """Remove what was made before."""
        for path in (self.path, self.note):
            path.unlink(missing_ok=True)

    def asked(self) -> Asked | None:
        """What was asked for, None if nothing was."""
        try:
            return Asked.model_validate_json(self._request.read_bytes())
        except (OSError, ValueError):
            return None

    def show(self, job: Job) -> KaraokeOut | None:
        """What became of it, None if it was never asked for."""
        asked = self.asked()
        if asked is None:
            return None
        error, size = text_of(self.note), self._size_bytes()
        if self.name in job.wanted.split():
            state: Literal["wanted", "done", "failed", "stopped"] = "wanted"
            error, size = None, None
        elif size is not None:
            state, error = "done", None
        elif error is not None:
            state = "failed"
        else:
            state = "stopped"
        return KaraokeOut(
            kind=self.kind, state=state, revision=asked.revision, look=asked.look, error=error, size_bytes=size
        )

    def _size_bytes(self) -> int | None:
        """The size of the file; None where it is missing: others may remove it at any time."""
        try:
            return self.path.stat().st_size
        except OSError:
            return None


def all_kept(folder: JobFolder) -> list[KeptKaraoke]:
    """One of each kind, whether it was asked for or not."""
    return [KeptKaraoke(folder, kind) for kind in _KINDS]


def download_name(job: Job, kind: KaraokeKind) -> str:
    """What a karaoke file is called where it is downloaded."""
    named = " - ".join(part for part in (job.artist, job.title) if part) if job.title else Path(job.name).stem
    return f"{file_name(named)}{SUFFIXES[kind]}"
