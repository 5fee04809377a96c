"""The error tree: every failure a user can cause or mend, with a hint at the remedy."""

from __future__ import annotations


class LyricsrecError(Exception):
    """Base of all errors that lyricsrec raises on purpose.

    `hint` says what to do about it, and is shown on a line of its own.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(LyricsrecError):
    """Flags that do not fit together, or a value that no flag takes; exit code 2."""


class AudioError(LyricsrecError):
    """A song that cannot be found, read or used."""


class DataError(LyricsrecError):
    """An annotation, a manifest or a data set that cannot be read or used."""


class NoLyricsError(DataError):
    """A file of lyrics that can be read, but holds none."""


class ModelError(LyricsrecError):
    """A model that is unknown, not installed, not reachable, or not what it should be."""


class OutputError(LyricsrecError):
    """A result that cannot be written."""


class TrainingError(LyricsrecError):
    """A training run that cannot go on."""
