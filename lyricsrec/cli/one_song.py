"""The song of a command that takes a single one, beside a file of its lyrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lyricsrec.base.errors import UsageError

if TYPE_CHECKING:
    from lyricsrec.audio.inputs import SongInput


def find_one(song: str, lyrics: str | None, track: str | None, command: str) -> SongInput:
    """The song that an argument names. Raises UsageError for a folder, and if both arguments are standard input."""
    from lyricsrec.audio.inputs import STDIN, find_songs

    if song == lyrics == STDIN:
        raise UsageError("SONG and LYRICS cannot both be standard input", "Give one of them as a file.")
    if Path(song).is_dir():
        raise UsageError(f"{song} is a folder", f"{command} takes a single song.")
    return find_songs([song], track=track)[0]
