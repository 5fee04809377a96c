"""What the sections of a song are: the chorus is what is repeated most, the other labels follow from their places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lyricsrec.lyrics.music.sections import SectionLabel
from lyricsrec.music.form.similarity import Values

_SAME = 0.6
"""Sections with this mean similarity of their lines are one that is repeated."""
_SHORT = 2
"""Sections with at most so many lines can be an intro or an outro with words."""
_LONGEST_BRIDGE = 2
"""The most sections that a bridge has."""


def section_likeness(first: range, second: range, similar: Values) -> float:
    """The similarity of the lines of two sections in the best alignment, over the lines of the longer one.

    `similar` (lines, lines) are those of the song's lines.
    """
    block = similar[first.start : first.stop, second.start : second.stop]
    best = np.zeros(len(second) + 1)
    for row in block:
        taken = np.maximum(best[:-1] + row, best[1:])
        best = np.concatenate([[0.0], np.maximum.accumulate(taken)])
    return float(best[-1]) / max(len(first), len(second))


def groups_of(sections: Sequence[range], similar: Values) -> list[int]:
    """For each section the number of the first section that it repeats, its own if none."""
    groups: list[int] = []
    for number, section in enumerate(sections):
        likeness = {
            groups[other]: section_likeness(sections[other], section, similar)
            for other in reversed(range(number))
            if min(len(sections[other]), len(section)) * 2 >= max(len(sections[other]), len(section))
        }
        best = max(likeness, key=likeness.__getitem__, default=number)
        groups.append(best if likeness.get(best, 0.0) >= _SAME else number)
    return groups


def labels_of(sections: Sequence[range], similar: Values) -> list[SectionLabel]:
    """The labels of sections that are given as ranges of lines; all are verses where nothing repeats."""
    groups = groups_of(sections, similar)
    chorus = _chorus(sections, groups)
    if chorus is None:
        return ["verse"] * len(sections)
    at = [number for number, group in enumerate(groups) if group == chorus]
    pre = _pre_chorus(groups, at)
    return [_label(number, sections, groups, at=at, pre=pre) for number in range(len(sections))]


def _chorus(sections: Sequence[range], groups: Sequence[int]) -> int | None:
    """The group whose repeats have the most lines; the later of two, as a verse precedes the chorus."""
    repeated = sorted({group for group in groups if groups.count(group) > 1})

    def weight(group: int) -> tuple[int, int]:
        lengths = [len(section) for section, other in zip(sections, groups, strict=True) if other == group]
        return sum(lengths) - max(lengths), group

    return max(repeated, key=weight, default=None)


def _pre_chorus(groups: Sequence[int], at: Sequence[int]) -> int | None:
    """The repeated group that only ever stands before the chorus, and not at the beginning."""
    before = [groups[number - 1] for number in at if number]
    for group in dict.fromkeys(before):
        places = [number for number, other in enumerate(groups) if other == group]
        if group != groups[at[0]] and len(places) > 1 and places[0] and all(n + 1 in at for n in places):
            return group
    return None


def _label(
    number: int, sections: Sequence[range], groups: Sequence[int], *, at: Sequence[int], pre: int | None
) -> SectionLabel:
    is_short = len(sections[number]) <= _SHORT
    is_unique = groups.count(groups[number]) == 1
    if number in at:
        return "chorus"
    if groups[number] == pre:
        return "pre-chorus"
    if number == 0 and is_short and len(sections) > 2 and at[0] > 1:
        return "intro"
    if number == len(sections) - 1 and is_short and number > at[-1]:
        return "outro"
    # Between the last two of at least three choruses, in one section or two.
    if is_unique and len(at) > 2 and at[-2] < number < at[-1] and at[-1] - at[-2] <= _LONGEST_BRIDGE + 1:
        return "bridge"
    return "verse"
