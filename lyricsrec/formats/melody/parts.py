"""Who sings what in a song of several singers: the parts of a duet, or of up to nine voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lyricsrec.formats.melody.sung import Sung

_MOST = 9
"""As many voices as UltraStar has."""

LEAD, BACKING = "Lead", "Backing"


@dataclass(frozen=True)
class Part:
    """The lines of one voice, and its name."""

    name: str
    lines: tuple[Sung, ...]


def parts_of(lines: Sequence[Sung]) -> list[Part]:
    """The parts of two singers or more, by their first lines; lines of unknown singers are those of all.

    Without singers, backing vocals are a part of their own where they are sung while others sing. Empty for a song of
    one voice, and for one of more than nine.
    """
    names = list(dict.fromkeys(name for line in lines for name in line.singers))
    if 2 <= len(names) <= _MOST:
        return [Part(name, tuple(line for line in lines if name in (line.singers or names))) for name in names]
    if names or not _overlap(lines):
        return []
    lead = Part(LEAD, tuple(line for line in lines if not line.is_backing))
    return [lead, Part(BACKING, tuple(line for line in lines if line.is_backing))]


def _overlap(lines: Sequence[Sung]) -> bool:
    """Whether backing vocals are sung at the same time as other lines."""
    ordered = sorted(lines, key=lambda line: line.notes[0].start_s)
    return any(
        before.is_backing != after.is_backing and after.notes[0].start_s < before.notes[-1].end_s
        for before, after in pairwise(ordered)
    )
