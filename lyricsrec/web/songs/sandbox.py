"""The inspection of uploaded songs in a child process with limits on time and memory (see `limited`).

An inspecting module ends in `run_inspection(function)` and is run by `run_in_sandbox(__name__, ...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from lyricsrec.audio.media import Song
from lyricsrec.base.errors import AudioError
from lyricsrec.base.progress import Report, ignore
from lyricsrec.web.limited import Limits, begin, print_document, run_limited


class TooLongError(AudioError):
    """A song that is longer than the server accepts."""


def check_length(song: Song, duration_s: float, max_duration_s: float) -> None:
    """Raise TooLongError when a song's length in seconds exceeds the limit."""
    if duration_s > max_duration_s:
        raise TooLongError(
            f"{song.name}: longer than {max_duration_s / 60:g} minutes, the limit of this server",
            "Cut it into single songs.",
        )


def run_in_sandbox(
    module: str, path: Path, name: str, *, max_duration_s: float, limits: Limits, report: Report = ignore
) -> dict[str, Any]:
    """Run an inspecting module on an upload and return its result.

    `name` is the file name for messages; `report` is called with the number of seconds of the song that are done.
    Raises TooLongError when the song exceeds `max_duration_s`, AudioError when it cannot be decoded, exceeds the limits
    or crashes the process, and whatever `report` raises, which ends the process.
    """
    result = run_limited(module, [str(path), name, str(max_duration_s)], limits, report=report)
    if result is None:
        raise AudioError(
            f"{name}: decoding it took too much time or memory", "Export the song again, for instance as FLAC or MP3."
        )
    if "error" in result:
        raise (TooLongError if result["too_long"] else AudioError)(result["error"], result["hint"])
    return result


def run_inspection(inspection: Callable[[BinaryIO, str, float], dict[str, Any]]) -> None:
    """The main function of an inspecting module: `inspection` gets the open file, its name and the maximum duration."""
    path, name, max_duration_s = begin()
    try:
        with Path(path).open("rb") as file:
            result = inspection(file, name, float(max_duration_s))
    except AudioError as error:
        result = {"error": str(error), "hint": error.hint, "too_long": isinstance(error, TooLongError)}
    print_document(result)
