"""A moving highlight: the same text in several cues, another word marked in each, as a karaoke machine shows it.

Whisper's `--highlight_words` marks with `<u>`, stable-ts with `<font>`; others mark all words so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lyricsrec.formats.cues.rows import Row

_LONGEST_GAP_S = 0.3
_LONGEST_BREAK = 4
"""Number of cues in a row without a highlight, between two words."""


@dataclass(frozen=True)
class Cue:
    """A cue with the rows that have lyrics; times in seconds."""

    start_s: float
    end_s: float
    rows: tuple[Row, ...]

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The words of its rows, for comparison."""
        return tuple(row.keys for row in self.rows)

    @property
    def marked(self) -> frozenset[tuple[int, int]]:
        """The places, as row and word, of the words that are highlighted."""
        return frozenset((i, word) for i, row in enumerate(self.rows) for word in row.marked)


def groups(cues: Sequence[Cue]) -> list[list[Cue]]:
    """The cues in groups: those over which a highlight moves through one text, else each on its own."""
    found: list[list[Cue]] = []
    for cue in cues:
        if found and _continues(found[-1], cue):
            found[-1].append(cue)
        else:
            found.append([cue])
    return [part for group in found for part in ([group] if _moves(group) else [[cue] for cue in group])]


def merged(group: Sequence[Cue]) -> Cue:
    """A group as one cue, in which each word has the times of the cue that first marks it."""
    if len(group) == 1:
        return group[0]
    rows = [list(row.words) for row in group[0].rows]
    before: frozenset[tuple[int, int]] = frozenset()
    for cue in group:
        if new := sorted(cue.marked - before):
            (row, first), (last_row, last) = new[0], new[-1]
            rows[row][first] = replace(rows[row][first], start_s=cue.start_s)
            rows[last_row][last] = replace(rows[last_row][last], end_s=cue.end_s)
        before = cue.marked or before
    timed = tuple(
        replace(row, words=tuple(words), marked=frozenset()) for row, words in zip(group[0].rows, rows, strict=True)
    )
    return Cue(group[0].start_s, group[-1].end_s, timed)


def _continues(group: Sequence[Cue], cue: Cue) -> bool:
    """Whether a cue shows the text of a group, with the highlight further on or between two words."""
    before = next((earlier.marked for earlier in reversed(group[-_LONGEST_BREAK:]) if earlier.marked), None)
    if not cue.rows or cue.keys != group[-1].keys or cue.start_s - group[-1].end_s > _LONGEST_GAP_S:
        return False
    return before is None or not cue.marked or max(cue.marked) > max(before)


def _moves(group: Sequence[Cue]) -> bool:
    return len({cue.marked for cue in group if cue.marked}) > 1
