"""Captions that show a line several times, folded to what is said once.

In captions that roll (YouTube's automatic ones, live captions), a cue begins with rows of the cue before; in captions
that grow, the last row has a word more in each cue. For a moving highlight see `highlight`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lyricsrec.formats.cues.highlight import Cue, groups, merged
from lyricsrec.formats.cues.rows import Row, with_bounds
from lyricsrec.lyrics.transcript import Line

_MIN_SHARE = 0.5
_MIN_SHARE_OF_ALL = 0.3
_MIN_ROLLED = 2
_FLASH_S = 0.05
_MIN_GROWING = 3


@dataclass(frozen=True)
class Folded:
    """The lines that are said, and for each cue the number of the line that it begins or continues, None without."""

    lines: tuple[Line, ...]
    line_of_cue: tuple[int | None, ...]


def fold(cues: Sequence[Cue]) -> Folded:
    """The lines of cues; a line that several cues show is there once.

    The first line of a cue gets its start and the last its end; where the cues follow the words, words get their times.
    """
    grouped = groups(cues)
    folder = _Folder([merged(group) for group in grouped])
    numbers = [number for group, number in zip(grouped, folder.line_of_cue, strict=True) for _ in group]
    return Folded(tuple(folder.lines), tuple(numbers))


class _Folder:
    """Makes lines of what is new in each cue."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        pairs = list(pairwise(cue for cue in cues if cue.rows))
        self._grows = _grow(pairs)
        self._folds = self._grows or _roll(pairs)
        self.lines: list[Line] = []
        self.line_of_cue: list[int | None] = []
        self._shown: list[int] = []
        """The lines of the rows that the last cue shows."""
        last: Cue | None = None
        for cue in cues:
            if cue.rows:
                self._add(cue, last)
                last = cue
            else:
                self.line_of_cue.append(None)

    def _add(self, cue: Cue, last: Cue | None) -> None:
        carried = _num_carried(last, cue, grows=self._grows) if self._folds and last is not None else 0
        self._shown = self._shown[len(self._shown) - carried :]
        if carried:
            self._extend(self._shown[-1], cue.rows[carried - 1], cue)
        first = len(self.lines)
        for number, row in enumerate(cue.rows[carried:], carried):
            start_s = cue.start_s if number == carried else None
            end_s = cue.end_s if number == len(cue.rows) - 1 else None
            self.lines.append(Line(with_bounds(row.words, start_s, end_s), singers=row.singers))
        self._shown += range(first, len(self.lines))
        self.line_of_cue.append(first if first < len(self.lines) else self._shown[-1])

    def _extend(self, number: int, row: Row, cue: Cue) -> None:
        """Add the words by which a row has grown, with the times of the cue."""
        line = self.lines[number]
        if added := row.words[len(line.words) :]:
            self.lines[number] = replace(line, words=(*line.words, *with_bounds(added, cue.start_s, cue.end_s)))


def _roll(pairs: Sequence[tuple[Cue, Cue]]) -> bool:
    """Whether most cues with several rows begin with rows of the cue before and end with new ones.

    Cues that are too short to be read, and show what the cue before did, are a sign, too: YouTube writes them.
    """
    several = [pair for pair in pairs if len(pair[1].rows) > 1]
    rolled = sum(0 < _num_carried(before, after) < len(after.rows) for before, after in several)
    flashes = sum(
        after.end_s - after.start_s <= _FLASH_S and _num_carried(before, after) == len(after.rows)
        for before, after in pairs
    )
    is_most = rolled >= max(1, _MIN_SHARE * len(several))
    return is_most and rolled + flashes >= max(_MIN_ROLLED, _MIN_SHARE_OF_ALL * len(pairs))


def _grow(pairs: Sequence[tuple[Cue, Cue]]) -> bool:
    """Whether in most cues the last row is that of the cue before, with more words."""
    grown = sum(_extends(after.rows[-1], before.rows[-1]) for before, after in pairs)
    return grown >= _MIN_GROWING and grown >= _MIN_SHARE * len(pairs)


def _extends(row: Row, shorter: Row) -> bool:
    return len(row.words) > len(shorter.words) and row.keys[: len(shorter.words)] == shorter.keys


def _num_carried(before: Cue, after: Cue, *, grows: bool = False) -> int:
    """The number of rows at the end of a cue with which the next begins; the last of them may have grown.

    A row with times inside is new: captions that roll show old rows without them.
    """
    for number in range(min(len(before.rows), len(after.rows)), 0, -1):
        old, new = before.rows[-number:], after.rows[:number]
        same_last = new[-1].keys == old[-1].keys or (grows and _extends(new[-1], old[-1]))
        if same_last and before.keys[-number:-1] == after.keys[: number - 1] and not any(row.has_times for row in new):
            return number
    return 0
