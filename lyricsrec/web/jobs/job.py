"""A job as a value: what a client asked for, and how far it is."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

State = Literal["queued", "running", "done", "failed", "cancelled"]
Kind = Literal["transcribe", "align"]

OVER: tuple[State, ...] = ("done", "failed", "cancelled")
"""States that a job does not leave any more."""


@dataclass(frozen=True)
class NewJob:
    """What a client asks for; `name` is what the song is called, `duration_s` and `size_bytes` are the upload's."""

    kind: Kind
    name: str
    preset: str
    _: KW_ONLY
    language: str | None
    stems: bool
    duration_s: float | None
    size_bytes: int


@dataclass(frozen=True)
class Job:
    """A job as the store has it.

    `progress` is 0 to 1 within the `stage`; `error` is one line for people. Times are seconds of the Unix epoch.
    `attempts` counts how often work on it began, `revision` how often its transcript was corrected.
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

    @property
    def is_over(self) -> bool:
        """Whether nothing will be done for it any more."""
        return self.state in OVER
