"""Rows with the times of a cue, as programs and people write them, brought into the form that the standards require.

Players accept much: no milliseconds, a point for a comma, `->`, the letter o for a zero, no counters, spaces and
full-width digits from machine translation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from lyricsrec.base.clock import clock
from lyricsrec.formats.base import Problem

CueFormat = Literal["srt", "vtt"]

_ARROW = re.compile(r"(?:[-–—−=－]\s?){1,3}(?:>|＞|&gt;)|→")
_DIGIT = r"[\doOQlI|]"
_CLOCK = re.compile(
    rf"(-)?\s?({_DIGIT}{{1,3}}(?:\s?[:：]\s?{_DIGIT}{{1,2}}){{1,2}})(?:\s?[.,:;，．。]\s?({_DIGIT}{{1,9}}))?"
)
_CLOCK_LIKE = re.compile(r"-?\s?[\doOlI|]+\s?[:：][\s\doOlI|:：.,;，．]*")
_BROKEN_TIMES = re.compile(r"\S{0,12}\d\S{0,12}:\S{0,12}\s?-->|.{0,24}-->\s?\d{1,3}:\d")
_DIGITS = str.maketrans("oOQlI|", "000111")
_MAX_HOURS = 100
# Some programs write \r\r\n on Windows.
_ROW_END = re.compile(r"\r*\n|\r")
_COUNTER = re.compile(r"\s*(?:#|No\.?|Nr\.?)?\s*\d+\s*[.:)]?\s*")
_NOT_A_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)|WEBVTT")


@dataclass(frozen=True)
class Mended:
    """Subtitles with times in standard form, and the rows that were skipped."""

    text: str
    problems: tuple[Problem, ...]


def mend(text: str, form: CueFormat) -> Mended:
    """The same subtitles with every row of times in standard form, and in SubRip a counter before each.

    A cue whose times cannot be read is left out; that is a problem, and so is text without times.
    """
    rows = _ROW_END.split(text)
    timings = {number: timing for number, row in enumerate(rows) if (timing := _timing(row, form)) is not None}
    problems = [
        Problem(f"these times cannot be read, so their text is skipped: {rows[number].strip()[:60]!r}", number + 1)
        for number, timing in timings.items()
        if not timing
    ]
    problems += _text_without_times(rows, timings, form)
    return Mended(
        "\n".join(_mended_rows(rows, timings, form)), tuple(sorted(problems, key=lambda problem: problem.row or 0))
    )


def has_times(text: str) -> bool:
    """Whether a text has a row with the times of a cue."""
    return any(_timing(row, "srt") for row in _ROW_END.split(text))


def seconds_of(stamp: str) -> float | None:
    """The seconds of a time as programs and people write it; None if it is not one, or later than 100 hours.

    Times before 0 are 0.
    """
    match = _CLOCK.fullmatch(stamp.strip())
    if match is None:
        return None
    sign, whole, fraction = match.groups()
    seconds = 0.0
    for part in re.split(r"\s?[:：]\s?", whole):
        seconds = seconds * 60 + int(part.translate(_DIGITS))
    seconds += float(f"0.{(fraction or '0').translate(_DIGITS)}")
    if seconds >= _MAX_HOURS * 3600:
        return None
    return 0.0 if sign else seconds


def _timing(row: str, form: CueFormat) -> str | None:
    """The times in a row in standard form; empty if they cannot be read, None for a row of another kind."""
    row = row.strip()
    arrow = _ARROW.search(row)
    if arrow is None:
        return None
    start = row[: arrow.start()].rstrip()
    if not _CLOCK_LIKE.fullmatch(start):
        return "" if _BROKEN_TIMES.match(row) else None
    rest = row[arrow.end() :].lstrip()
    end = _CLOCK.match(rest)
    start_s, end_s = seconds_of(start), seconds_of(end.group()) if end else None
    if start_s is None or end_s is None or end is None:
        return ""
    return f"{_stamp(start_s, form)} --> {_stamp(end_s, form)} {rest[end.end() :].strip()}".rstrip()


def _stamp(seconds: float, form: CueFormat) -> str:
    return clock(seconds, 3, hour_digits=2, mark="," if form == "srt" else ".")


def _mended_rows(rows: Sequence[str], timings: Mapping[int, str], form: CueFormat) -> Iterator[str]:
    counted = sum(number > 0 and _COUNTER.fullmatch(rows[number - 1]) is not None for number in timings)
    has_counters = form == "srt" and 2 * counted >= len(timings)
    skips = form == "srt"
    for number, row in enumerate(rows):
        timing = timings.get(number)
        if timing is None:
            is_counter = has_counters and number + 1 in timings and _COUNTER.fullmatch(row) is not None
            skips = skips and (form == "srt" or row != "")
            if not skips and not is_counter:
                # The arrow is not allowed in text.
                yield row.replace("-->", "->")
            continue
        skips = not timing
        if timing:
            yield from ("", "1", timing) if form == "srt" else (timing,)


def _text_without_times(rows: Sequence[str], timings: Mapping[int, str], form: CueFormat) -> Iterator[Problem]:
    """The first row of each block without times that is not a comment, a style or the header."""
    first_timing = min(timings, default=len(rows))
    blocks = [list(block) for is_text, block in groupby(enumerate(rows), lambda item: item[1] != "") if is_text]
    for block in blocks:
        first, row = block[0]
        if any(number in timings for number, _ in block) or (form == "srt" and first > first_timing):
            continue
        is_header = form == "vtt" and block == blocks[0]
        if not is_header and not _NOT_A_CUE.match(row) and any(c.isalpha() for _, row in block for c in row):
            yield Problem(f"text without times is skipped: {row.strip()[:40]!r}", first + 1)
