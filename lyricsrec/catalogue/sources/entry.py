"""A song as a source names it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A song that may or may not exist: its absolute path, as text to keep a million of them small.

    `lyrics` is the text of its lyrics, `lyrics_path` the absolute path of a file of them; both are None where a source
    gives none. `problem` is the reason if a source itself is of no use.
    """

    path: str
    _: KW_ONLY
    lyrics: str | None = None
    lyrics_path: str | None = None
    problem: str | None = None
