"""What a long job says while it runs. Library code reports here and never prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Progress(Protocol):
    """Receives progress; the command line draws it, the library's default ignores it."""

    def update(self, stage: str, done: float, total: float | None) -> None:
        """Stage `stage` has done `done` of `total` (seconds of audio, or bytes; None: not known)."""

    def note(self, message: str) -> None:
        """Something worth telling a user who asked for details."""

    def warn(self, message: str) -> None:
        """Something a user should know even without asking."""


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
"""How a stage tells the pipeline how far it got, in seconds of the song."""


def ignore(_: float) -> None:
    """A `Report` that ignores everything."""
