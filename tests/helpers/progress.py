"""A `Progress` for tests."""

from __future__ import annotations

from lyricsrec.base.progress import Silent


class Warnings(Silent):
    """Collects the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        """Collect it."""
        self.warnings.append(message)
