"""A job as a value: the client's request and the job's state."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

State = Literal["queued", "running", "done", "failed", "cancelled"]
Kind = Literal["transcribe", "align"]
FollowUpName = Literal["melody", "chords"]
WantedName = Literal["timing", FollowUpName]

OVER: tuple[State, ...] = ("done", "failed", "cancelled")
"""Final states."""


@dataclass(frozen=True)
class NewJob:
    """A job to be queued.

    `name` is the song's file name, `title` and `artist` are from its tags; `duration_s` and `size_bytes` are those of
    the upload.
    """

    kind: Kind
    name: str
    preset: str
    _: KW_ONLY
    language: str | None
    stems: bool
    duration_s: float | None
    size_bytes: int
    title: str | None = None
    artist: str | None = None


@dataclass(frozen=True)
class Job:
    """A job in the store.

    `progress` is 0 to 1 within the `stage`; `error` is one line to display: why it failed, or
    why its last attempt ended. Times are seconds of the Unix epoch.
    `attempts` counts how often the job was started, `revision` how often its transcript was corrected. `finished_at` is
    set as soon as the lyrics exist; the job may then go on, or be queued again, to make stems and follow-ups: `wanted`
    has the names of those that are still to be made, with a space between them.
    """

    id: str
    kind: Kind
    name: str
    _: KW_ONLY
    preset: str
    language: str | None
    stems: bool
    state: State
    stage: str | None
    progress: float | None
    error: str | None
    created_at: float
    started_at: float | None
    finished_at: float | None
    duration_s: float | None
    size_bytes: int
    attempts: int
    revision: int
    title: str | None = None
    artist: str | None = None
    wanted: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has reached a final state."""
        return self.state in OVER

    @property
    def has_lyrics(self) -> bool:
        """Whether its lyrics exist: it is done, or makes its stems afterwards."""
        return self.state == "done" or (not self.is_over and self.finished_at is not None)
