"""SBV: subtitles of YouTube. A row `0:00:01.000,0:00:03.000`, then rows of text, and an empty row.

https://support.google.com/youtube/answer/2734698
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lyricsrec.base.clock import clock
from lyricsrec.formats.base import Format, Parsed, Problem, Source, retimed_text
from lyricsrec.formats.sheet.row_text import split_repeats, sung_part
from lyricsrec.formats.timed_text import ROW_END, shown_rows
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line

_CLOCK = r"(\d{1,3}):(\d\d):(\d\d)[.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_CLOCK}\s*,\s*{_CLOCK}\s*")
_TIMES_LIKE = re.compile(r"\s*\d+:[^\s,]*\s*,\s*\d+:\S*\s*")
_BREAK = "[br]"


def _sniff(source: Source) -> bool:
    return any(_TIMES.fullmatch(row) for row in source.text.splitlines()[:50])


def _parse(source: Source) -> Parsed:
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, times, rows in _cues(source.text):
        if times is None:
            if any(row.strip() for row in rows):
                problems.append(Problem("text without a readable time before it", number))
            continue
        lines += map(Line, shown_rows(ROW_END.join(rows), _seconds(times), _seconds(times, 4)))
    return Parsed(tuple(lines), problems=tuple(problems))


def _cues(text: str) -> Iterator[tuple[int, re.Match[str] | None, list[str]]]:
    """The number of the first row, the times (None if invalid or missing), and the rows of text of each cue."""
    number, times, rows = 1, None, list[str]()
    for at, row in enumerate(text.splitlines(), 1):
        if _TIMES_LIKE.fullmatch(row):
            yield number, times, rows
            number, times, rows = at, _TIMES.fullmatch(row), []
        elif row.strip():
            number = number if times or rows else at
            rows += row.split(_BREAK)
    yield number, times, rows


def _seconds(match: re.Match[str], first: int = 0) -> float:
    hours, minutes, seconds, fraction = match.groups()[first : first + 4]
    return round(int(hours) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction}"), 3)


def _retime(text: str, _name: str, retiming: Retiming) -> str:
    """The same file with corrected times; lines are numbered as they are read."""
    firsts: dict[int, int] = {}
    done = 0
    for number, times, rows in _cues(text):
        if times is not None:
            firsts[number] = done
            done += sum(bool(sung_part(split_repeats(row)[0])) for row in rows)
    rows = text.splitlines(keepends=True)
    for number, line in firsts.items():
        row = rows[number - 1]
        match = _TIMES.fullmatch(row)
        if match is not None:
            end = row[len(row.rstrip("\r\n")) :]
            moved = [max(retiming.at(_seconds(match, first), line), 0.0) for first in (0, 4)]
            rows[number - 1] = ",".join(clock(t, 3, hour_digits=1) for t in moved) + end
    return "".join(rows)


SBV = Format(
    "sbv", (".sbv",), "subtitles of YouTube", sniff=_sniff, parse=_parse, retime=retimed_text(_retime), times="lines"
)
