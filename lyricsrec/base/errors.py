"""The error tree: every failure that a user can cause or fix, with a hint on what to do."""

from __future__ import annotations


class LyricsrecError(Exception):
    """Base of all errors that lyricsrec raises on purpose.

    `hint` says what to do; the command line shows it on a separate line.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(LyricsrecError):
    """Flags that conflict, or an invalid value; exit code 2."""


class AudioError(LyricsrecError):
    """A song that cannot be found, read or used."""


class DataError(LyricsrecError):
    """An annotation, a manifest or a data set that cannot be read or used."""


class NoLyricsError(DataError):
    """A file of lyrics that can be read, but has no lyrics in it."""


class ModelError(LyricsrecError):
    """A model that is unknown, not installed, not reachable, or of the wrong kind."""


class OutputError(LyricsrecError):
    """A result that cannot be written."""


class TrainingError(LyricsrecError):
    """A training run that cannot continue."""
