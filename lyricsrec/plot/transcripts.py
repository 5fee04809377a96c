"""Reading what is to be plotted: lines whose words have times."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from lyricsrec.errors import DataError
from lyricsrec.inputs import STDIN
from lyricsrec.media import display_name
from lyricsrec.transcript import Line, Transcript


def read_timed_lines(argument: str) -> tuple[Line, ...]:
    """The lines of a transcript, from a file or standard input (`-`).

    Raises DataError when it cannot be read, is no transcript, or has no time in it.
    """
    name = "stdin" if argument == STDIN else display_name(Path(argument))
    try:
        data = sys.stdin.buffer.read() if argument == STDIN else Path(argument).read_bytes()
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None
    try:
        lines = Transcript.from_json(data.decode("utf-8-sig")).lines
    except (ValueError, RecursionError):
        raise DataError(
            f"{name}: no transcript in JSON", "`lyricsrec transcribe SONG -f json` writes one; - reads it from a pipe."
        ) from None
    _check(lines, name)
    return lines


def _check(lines: Sequence[Line], name: str) -> None:
    for number, line in enumerate(lines, 1):
        for word in line.words:
            numbers = (word.start_s, word.end_s, word.confidence)
            if not isinstance(word.text, str) or not all(value is None or _is_number(value) for value in numbers):
                raise DataError(f"{name}: a word of line {number} has a time or a confidence that is no number")
    if not any(line.start_s is not None for line in lines):
        raise DataError(f"{name}: no word has a time", "Only timed lyrics can be plotted.")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
