"""The columns of a table of lyrics: which of them are times and texts, in which unit, and their values."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_STARTS = ("start", "begin", "starttime", "onset", "from", "wordstart", "linestart")
_ENDS = ("end", "endtime", "offset", "to", "wordend", "lineend")
_LENGTHS = ("duration", "length", "dur")
_TEXTS = ("word", "text", "lyric", "lyrics", "lyricsline", "line", "label", "segment", "sentence", "token", "value")
_LINES = ("line", "lineid", "linenumber", "lineindex")
_UNIT = re.compile(r"[ _(\[]{0,3}(ms|msec|milliseconds|s|sec|secs|seconds)[)\]]{0,3}$", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{0,12})?(?:[eE][-+]?\d{1,2})?")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:[.,]\d{1,9})?)")
_MAX_S = 100 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The numbers of the columns of a table, from 0; None for one that is missing.

    Times are in units of `unit_s` seconds; None where the names do not say so.
    """

    start: int
    text: int
    end: int | None = None
    length: int | None = None
    line: int | None = None
    unit_s: float | None = None

    @classmethod
    def of(cls, header: Sequence[str]) -> Columns | None:
        """The columns by their names; None without one for starts and one for texts."""
        units = [_UNIT.search(name.strip()) for name in header]
        names = [
            re.sub(r"[^a-z]", "", (name.strip()[: unit.start()] if unit else name).casefold())
            for name, unit in zip(header, units, strict=True)
        ]

        def first(wanted: Sequence[str]) -> int | None:
            return next((names.index(name) for name in wanted if name in names), None)

        start, text = first(_STARTS), first(_TEXTS)
        if start is None or text is None:
            return None
        line = first(_LINES)
        unit = units[start]
        unit_s = None if unit is None else 0.001 if unit[1].casefold().startswith("m") else 1.0
        return cls(
            start=start,
            text=text,
            end=first(_ENDS),
            length=first(_LENGTHS),
            line=None if line == text else line,
            unit_s=unit_s,
        )

    def times(self, row: Sequence[str]) -> tuple[float | None, float | None]:
        """The start and end of a row in seconds, None where empty. Raises ValueError for an invalid one."""
        start_s, end_s, length_s = (
            seconds_of(row[column], self.unit_s or 1.0) if column is not None and column < len(row) else None
            for column in (self.start, self.end, self.length)
        )
        if end_s is None and start_s is not None and length_s is not None:
            end_s = start_s + length_s
        return start_s, end_s


def is_time(text: str) -> bool:
    """Whether a text is a number of units or a clock."""
    return any(pattern.fullmatch(text.strip()) for pattern in (_CLOCK, _NUMBER))


def seconds_of(text: str, unit_s: float = 1.0) -> float | None:
    """A time in seconds from a number of units or a clock such as 1:02.5; None for an empty text.

    Raises ValueError for anything else.
    """
    given = text.strip()
    if not given:
        return None
    if match := _CLOCK.fullmatch(given):
        found = int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3].replace(",", "."))
    elif _NUMBER.fullmatch(given):
        found = float(given.replace(",", ".")) * unit_s
    else:
        raise ValueError(f"invalid time '{given[:24]}'")
    if not (math.isfinite(found) and found <= _MAX_S):
        raise ValueError(f"the time '{given[:24]}' is later than 100 hours")
    return round(found, 6)
