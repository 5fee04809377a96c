"""Translations beside the lines that are sung: they get the times of their partners."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lyricsrec.alignment.placement import spread
from lyricsrec.lyrics.transcript import Line


def partners(
    lines: Sequence[Line], with_letters: Collection[int], romanized: Collection[int] = ()
) -> Mapping[int, int]:
    """For each line that is not aligned itself, the line whose times it gets.

    A line and the translations behind it are aligned by the first of them with letters that the model knows, or else
    the first that can be romanised.
    """
    groups: list[list[int]] = []
    for number, line in enumerate(lines):
        if not line.is_sung and groups:
            groups[-1].append(number)
        else:
            groups.append([number])
    found: dict[int, int] = {}
    for group in groups:
        ranked = (number for known in (with_letters, romanized) for number in group if number in known)
        leader = next(ranked, group[0])
        found |= {number: leader for number in group if number != leader}
    return found


def beside_partners(lines: Sequence[Line], partner_of: Mapping[int, int]) -> tuple[Line, ...]:
    """The lines, where those with a partner have its span, shared by their words, and its placement."""
    return tuple(
        _beside(line, lines[partner_of[number]]) if number in partner_of else line for number, line in enumerate(lines)
    )


def _beside(line: Line, partner: Line) -> Line:
    start_s, end_s = partner.start_s, partner.end_s
    if start_s is None:
        return replace(line, placement=partner.placement)
    words = tuple(spread(line.words, start_s, start_s if end_s is None else end_s))
    return replace(line, words=words, placement=partner.placement)
