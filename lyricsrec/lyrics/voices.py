"""Lines of several voices: put in order of time, and what voices sing together once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lyricsrec.lyrics.transcript import Line, Word

_TOGETHER_S = 0.6
"""Voices that sing together begin at most this far apart: a beat at 100 beats a minute."""
_TOGETHER_WITHOUT_ENDS_S = 0.3
_SAME_S = 0.05
_MIN_WORDS = 3
_LONGEST_LINE_S = 30.0
_MAX_NEAR = 32


_BETWEEN_NAMES = " & "


def singers_named(text: str) -> tuple[str, ...]:
    """The singers whose names a format gives as one text, such as "Ann & Bob"."""
    return tuple(name for part in text.split(_BETWEEN_NAMES) if (name := part.strip()))


def singers_text(singers: Sequence[str]) -> str:
    """The names of singers as one text."""
    return _BETWEEN_NAMES.join(singers)


@dataclass(frozen=True)
class Ordered:
    """Lines in order of time.

    `numbers` are, for each of them, the indices of the given lines that it stands for; the first is that of its words.
    """

    lines: tuple[Line, ...]
    numbers: tuple[tuple[int, ...], ...]


def in_order(lines: Sequence[Line]) -> Ordered:
    """The lines sorted by start, and those that several voices sing together once, with the names of all singers.

    Lines with the same start keep their order; a line without a start stays behind the one that it follows. Lines are
    sung together if they have the same words and different singers, begin within 0.6 s and overlap, those of one or two
    words by half of the shorter one; where ends are unknown, if they begin within 0.3 s; without different singers, if
    they begin within 0.05 s. A line whose words are part of the lines of another voice at that time is sung together
    with them, too.
    """
    keys: list[float] = []
    for line in lines:
        start_s = line.start_s
        keys.append(start_s if start_s is not None else keys[-1] if keys else -1.0)
    order = sorted(range(len(lines)), key=keys.__getitem__)
    voices = _Voices([lines[number] for number in order])
    kept: list[Line] = []
    numbers: list[tuple[int, ...]] = []
    for i, parts in voices.shared().items():
        kept.append(replace(voices.lines[i], singers=voices.singers[i]))
        numbers.append(tuple(order[part] for part in (i, *sorted(parts))))
    return Ordered(tuple(kept), tuple(numbers))


@dataclass(frozen=True)
class _Sung:
    """A word as it is compared; `line` is the number of its line."""

    key: str
    word: Word
    line: int


class _Voices:
    """Lines in order of time, of which those are found that are part of others."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.singers = [line.singers for line in lines]
        self._words = [_sung(line, number) for number, line in enumerate(lines)]
        self._timed = [i for i, line in enumerate(lines) if line.start_s is not None and self._words[i]]
        self._starts = [lines[i].start_s or 0.0 for i in self._timed]
        self._names = list(dict.fromkeys(name for line in lines for name in line.singers))

    def shared(self) -> dict[int, list[int]]:
        """The lines that are kept, and for each of them those that are sung with it; the longest are kept."""
        parts: dict[int, list[int]] = {i: [] for i in range(len(self.lines))}
        for i in sorted(self._timed, key=lambda i: (len(self._words[i]), -i)):
            if hosts := self._hosts(i, parts):
                parts[hosts[0]] += [i, *parts.pop(i)]
                for host in hosts:
                    names = {*self.singers[i], *self.singers[host]}
                    self.singers[host] = tuple(sorted(names, key=self._names.index))
        return parts

    def _hosts(self, number: int, kept: dict[int, list[int]]) -> list[int]:
        """The other lines that line `number` is a part of; only one that is equal if they have the same singers."""
        voices: dict[tuple[str, ...], list[_Sung]] = {}
        for other in self._near(number):
            if other != number and other in kept:
                voices.setdefault(self.lines[other].singers, []).extend(self._words[other])
        words = self._words[number]
        for singers, sung in voices.items():
            for run in _runs(words, sung):
                hosts = list(dict.fromkeys(word.line for word in run))
                whole = len(run) == sum(len(self._words[host]) for host in hosts)
                same_singers = singers == self.lines[number].singers
                if _at_once(words, run, _SAME_S if same_singers else _TOGETHER_S) and (whole or not same_singers):
                    return hosts
        return []

    def _near(self, number: int) -> list[int]:
        """The lines that may be sung at the same time as line `number`."""
        start_s = self.lines[number].start_s or 0.0
        end_s = max(self.lines[number].end_s or start_s, start_s)
        place = bisect_left(self._timed, number)
        first = max(bisect_left(self._starts, start_s - _LONGEST_LINE_S), place - _MAX_NEAR)
        last = min(bisect_right(self._starts, end_s + _TOGETHER_S), place + _MAX_NEAR)
        return self._timed[first:last]


def _sung(line: Line, number: int) -> list[_Sung]:
    keys = ("".join(c for c in word.text.casefold() if c.isalnum()) for word in line.words)
    return [_Sung(key, word, number) for key, word in zip(keys, line.words, strict=True) if key]


def _runs(words: Sequence[_Sung], others: Sequence[_Sung]) -> Iterator[Sequence[_Sung]]:
    """The places where the same words follow each other."""
    keys = [word.key for word in words]
    for first in range(len(others) - len(words) + 1):
        run = others[first : first + len(words)] if others[first].key == keys[0] else ()
        if run and [word.key for word in run] == keys:
            yield run


def _at_once(words: Sequence[_Sung], others: Sequence[_Sung], tolerance_s: float) -> bool:
    """Whether the same words of two voices are sung at about the same time."""
    starts = [
        (a.word.start_s, b.word.start_s)
        for a, b in zip(words, others, strict=True)
        if a.word.start_s is not None and b.word.start_s is not None
    ]
    ends = words[-1].word.end_s, others[-1].word.end_s
    if not starts:
        return False
    apart_s = max(abs(a_s - b_s) for a_s, b_s in starts)
    if None in ends:
        return apart_s <= min(tolerance_s, _TOGETHER_WITHOUT_ENDS_S)
    first_s, other_s = starts[0]
    begin_s, end_s = max(first_s, other_s), min(end for end in ends if end is not None)
    shorter_s = min(end - start_s for end, start_s in zip(ends, starts[0], strict=True) if end is not None)
    # A word or two that follow closely are an echo.
    needed_s = shorter_s / 2 if len(words) < _MIN_WORDS else 0.0
    return apart_s <= tolerance_s and end_s - begin_s >= needed_s
