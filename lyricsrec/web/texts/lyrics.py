"""Given lyrics in any format, read in a child process with limits.

A row that takes a reader long, or a file that grows in memory, ends the child; server and worker go on.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.base.errors import DataError, LyricsrecError
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript
from lyricsrec.web.limited import Limits, begin, print_document, run_limited

LIMITS = Limits(10.0, 1.0)
"""What reading lyrics or a transcript may take."""

_NAME = "the lyrics"
SLOTS = threading.BoundedSemaphore(4)
"""Each takes a process of about 100 MB; further requests wait for their turn."""


@dataclass(frozen=True)
class Given:
    """Lyrics to time: their lines, the language in the file (an English name), and what could not be used."""

    lines: tuple[Line, ...]
    language: str | None
    notes: tuple[str, ...]


def read_given(path: Path, limits: Limits = LIMITS) -> Given:
    """Read lyrics from a file. Raises DataError when there are none, or when reading them exceeds the limits."""
    with SLOTS:
        found = run_limited(__name__, [str(path)], limits)
    if found is None:
        raise DataError("reading them took too much time or memory", "Send plain text, one line for each sung line.")
    if "error" in found:
        raise DataError(found["error"], found["hint"])
    transcript = Transcript.from_json(found["transcript"])
    return Given(transcript.lines, found["language"], transcript.notes)


def _read(path: Path) -> dict[str, str | None]:
    from lyricsrec.formats.read import parse_lyrics

    try:
        given = parse_lyrics(path.read_text("utf-8"), _NAME)
    except LyricsrecError as error:
        return {"error": str(error), "hint": error.hint}
    # Only the lines and notes are used; the rest makes it a complete document.
    whole = Transcript(_NAME, 0.0, given.lines, provenance=Provenance("", "", "", decoder=""), notes=given.notes)
    return {"transcript": whole.to_json(None), "language": given.language}


if __name__ == "__main__":
    print_document(_read(Path(begin()[0])))
