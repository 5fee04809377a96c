"""A corrected transcript: parsed, checked, and merged with the current one.

Small documents are read where they arrive, which takes some milliseconds; larger ones in a child process with limits.
"""

from __future__ import annotations

import json
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from lyricsrec.lyrics.transcript import Band, Line, Placement, Transcript, Word
from lyricsrec.music.form.sections import with_sections
from lyricsrec.web.limited import begin, print_document, run_limited
from lyricsrec.web.texts.lyrics import LIMITS

MAX_WORDS = 100_000
MAX_WORD_CHARS = 500
SMALL_BYTES = 128 << 10
"""Up to this size, reading a document does not delay other requests."""

_TOLERANCE_S = 1.0
_SLOTS = threading.BoundedSemaphore(2)


class InvalidEditError(ValueError):
    """A document that is not a correction of the current transcript."""


@dataclass(frozen=True)
class Edit:
    """The revision that a correction is based on, and the complete corrected transcript as JSON."""

    revision: int
    text: str


def read_edit(body: bytes, current: Path) -> Edit:
    """Read the body of a request that corrects the transcript in the file `current`.

    Raises InvalidEditError for an invalid body, OSError when `current` cannot be read.
    """
    if len(body) <= SMALL_BYTES and current.stat().st_size <= SMALL_BYTES:
        return _merged(body, current)
    with _SLOTS:
        found = run_limited(__name__, [str(current)], LIMITS, stdin=body)
    if found is None:
        raise InvalidEditError("reading it took too much time or memory")
    if "error" in found:
        raise InvalidEditError(found["error"])
    return Edit(found["revision"], found["text"])


def _merged(body: bytes, current: Path) -> Edit:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidEditError("it is not valid JSON") from None
    if not isinstance(document, dict) or document.keys() != {"revision", "transcript"}:
        raise InvalidEditError("it must have the fields `revision` and `transcript`")
    revision = document["revision"]
    if not isinstance(revision, int) or isinstance(revision, bool) or revision < 0:
        raise InvalidEditError("its `revision` must be a number from 0")
    try:
        lines = Transcript.from_json(json.dumps(document["transcript"])).lines
    except (ValueError, RecursionError):
        raise InvalidEditError("it does not have schema 1") from None
    transcript = Transcript.from_json(current.read_text("utf-8"))
    _check_lines(lines, transcript.duration_s)
    # With indentation, json uses its Python encoder, which is ten times slower.
    return Edit(revision, with_sections(replace(transcript, lines=lines)).to_json(indent=None))


def _check_lines(lines: tuple[Line, ...], duration_s: float) -> None:
    """Raise InvalidEditError for invalid values: those of a JSON document can have any type."""
    num_words = sum(len(line.words) for line in lines)
    if num_words > MAX_WORDS:
        raise InvalidEditError(f"it has more than {MAX_WORDS} words")
    for number, line in enumerate(lines, 1):
        problem = next(_problems(line, duration_s + _TOLERANCE_S), None)
        if problem is not None:
            raise InvalidEditError(f"line {number}: {problem}")


def _problems(line: Line, end_s: float) -> Iterator[str]:
    if not line.words:
        yield "a line needs at least one word"
    for word in line.words:
        if not _is_text(word.text) or word.text.split() != [word.text] or not _is_visible(word.text):
            yield f"a word must be text of 1 to {MAX_WORD_CHARS} characters without spaces"
        yield from _time_problems(word, end_s)
        if word.confidence is not None and not _is_between(0, word.confidence, 1):
            yield "a confidence must be a number from 0 to 1"
    if line.placement is not None and not _is_placement(line.placement):
        yield "its placement has an invalid score, band or reason"
    if not all(_is_text(singer) for singer in line.singers) or not (line.role is None or _is_text(line.role)):
        yield "its singers and its role must be texts"


def _time_problems(word: Word, end_s: float) -> Iterator[str]:
    times = (word.start_s, word.end_s)
    if times == (None, None):
        return
    if not _is_between(0, word.start_s, end_s) or not _is_between(word.start_s, word.end_s, end_s):
        yield "word times must be seconds within the song, and no word may end before it starts"


def _is_between(least: Any, value: Any, most: float) -> bool:
    # False for NaN and for anything that is not a number.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


def _is_placement(placement: Placement) -> bool:
    reason = placement.reason
    return (
        _is_between(0, placement.score, 1) and placement.band in get_args(Band) and (reason is None or _is_text(reason))
    )


def _is_text(value: Any) -> bool:
    # JSON can contain control characters and lone surrogates, which lyrics files cannot.
    return (
        isinstance(value, str)
        and len(value) <= MAX_WORD_CHARS
        and not any(unicodedata.category(c) in ("Cc", "Cs") for c in value)
    )


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(c)[0] != "C" for c in text)


def _answer(body: bytes, current: Path) -> dict[str, object]:
    try:
        edit = _merged(body, current)
    except InvalidEditError as error:
        return {"error": str(error)}
    return {"revision": edit.revision, "text": edit.text}


if __name__ == "__main__":
    import sys

    current_file = Path(begin()[0])
    print_document(_answer(sys.stdin.buffer.read(), current_file))
