"""Progress of long work. Library code reports it here and never prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Receives progress; the command line shows it, the library ignores it by default."""

    def update(self, stage: str, done: float, total: float | None) -> None:
        """A stage, such as "separating", has done `done` of `total` (seconds of audio, bytes, items; None: unknown)."""

    def note(self, message: str) -> None:
        """A detail, for users who want details."""

    def warn(self, message: str) -> None:
        """A warning, for all users."""


class Silent:
    """A `Progress` that ignores everything."""

    def update(self, stage: str, done: float, total: float | None) -> None:
        """Ignore it."""

    def note(self, message: str) -> None:
        """Ignore it."""

    def warn(self, message: str) -> None:
        """Ignore it."""


SILENT = Silent()

Report = Callable[[float], None]
"""Takes the position that a stage has reached, in seconds of the song."""


def ignore(_: float) -> None:
    """A `Report` that ignores everything."""
