"""Timestamps of LRC in the wild: `[mm:ss.xx]`, `[hh:mm:ss.xx]`, `<mm:ss>`, `[-00:01,50]`, `[00:00.00-1]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lyricsrec.base.clock import clock

_CLOCK = r"-?(?:\d{1,3}:[0-5]?\d:[0-5]?\d[.,]\d{1,6}|\d{1,4}:[0-5]?\d(?:[.,:]\d{1,6})?)(?:-\d{1,3})?"
LINE_STAMP = re.compile(rf"\s{{0,8}}\[\s?({_CLOCK})\s?\]")
_WORD_STAMP = re.compile(rf"<\s?({_CLOCK})\s?>|\[\s?({_CLOCK})\s?\]")
_NUMBERS = re.compile(r"(-?)(?:(\d+):)??(\d+):(\d+)(?:([.,:])(\d+))?(-\d+)?")
_LIKE_A_STAMP = re.compile(r"\s{0,8}\[\s?[-+]?\d{1,4}\s?[:.;][^\[\]]{0,16}(?:\]|$)")
_LIKE_A_WORD_STAMP = re.compile(r"<\s?[-+]?\d{1,4}:[^<>\s]{0,12}>")
_LONGEST_WORD_S = 30.0


@dataclass(frozen=True)
class Stamp:
    """A timestamp and where it is in its row; `has_fraction` whether it has more than minutes and seconds."""

    begin: int
    end: int
    text: str

    @property
    def seconds(self) -> float:
        """The time as written, without an offset; may be negative."""
        return self._parts.seconds

    @property
    def has_fraction(self) -> bool:
        """Whether the time has a part smaller than a second; in many texts a clock has none."""
        return bool(self._parts.fraction)

    @property
    def is_angled(self) -> bool:
        """Whether it is written between < and >."""
        return self.text.lstrip()[0] == "<"

    def at(self, seconds: float) -> str:
        """The timestamp with another time, in its own style, but with at least hundredths of a second."""
        if round(seconds, 3) == self.seconds:
            return self.text
        old = self._parts
        value = clock(
            max(seconds, 0.0),
            3 if len(old.fraction) > 2 else 2,
            minute_digits=len(old.minutes),
            hour_digits=len(old.hours),
            mark=old.mark or ".",
        )
        opening = self.text[: len(self.text) - len(self.text.lstrip()) + 1]
        return f"{opening}{value}{old.pass_number}{self.text[-1]}"

    @cached_property
    def _parts(self) -> _Parts:
        match = _NUMBERS.fullmatch(self.text.strip()[1:-1].strip())
        assert match is not None
        parts = _Parts(*(group or "" for group in match.groups()))
        if parts.hours and not parts.mark:
            # "00:01:50" is 1.5 s: some programs write a colon before the fraction.
            hours, minutes, fraction = parts.hours, parts.minutes, parts.second
            return parts._replace(hours="", minutes=hours, second=minutes, mark=":", fraction=fraction)
        return parts


class _Parts(NamedTuple):
    """The parts of a timestamp, as written; empty where it has none."""

    sign: str
    hours: str
    minutes: str
    second: str
    mark: str
    fraction: str
    pass_number: str

    @property
    def seconds(self) -> float:
        whole = int(self.hours or 0) * 3600 + int(self.minutes) * 60 + int(self.second)
        value = round(whole + float(f"0.{self.fraction or 0}"), 3)
        return -value if self.sign else value


def line_stamps(row: str) -> list[Stamp]:
    """The timestamps at the start of a row; a clock without a fraction behind one with a fraction is text."""
    stamps: list[Stamp] = []
    position = 0
    while match := LINE_STAMP.match(row, position):
        stamp = Stamp(*match.span(), match.group())
        if stamps and stamps[0].has_fraction and not stamp.has_fraction:
            break
        stamps.append(stamp)
        position = match.end()
    return stamps


def word_stamps(row: str, start: int, line: Stamp | None) -> list[Stamp]:
    """The timestamps of words in a row from position `start` on; `line` is the last one before.

    A clock without a fraction is text ("[8:15]") unless that of the line has none either, and is shortly before it.
    """
    found: list[Stamp] = []
    last = line
    for match in _WORD_STAMP.finditer(row, start):
        stamp = Stamp(*match.span(), match.group())
        if stamp.has_fraction or _is_near(stamp, last):
            found.append(stamp)
            last = stamp
    return found


def bad_stamp(row: str, start: int) -> str | None:
    """What looks like the timestamp of a line at position `start` of a row, and is not one."""
    match = _LIKE_A_STAMP.match(row, start)
    return match.group().strip() if match and not LINE_STAMP.match(row, start) else None


def bad_word_stamps(text: str) -> Iterator[re.Match[str]]:
    """What looks like the timestamp of a word, and is not one."""
    return (match for match in _LIKE_A_WORD_STAMP.finditer(text) if not _WORD_STAMP.fullmatch(match.group()))


def _is_near(stamp: Stamp, last: Stamp | None) -> bool:
    if last is None:
        return stamp.is_angled
    return not last.has_fraction and 0 <= stamp.seconds - last.seconds <= _LONGEST_WORD_S
