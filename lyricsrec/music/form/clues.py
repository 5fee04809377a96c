"""What speaks for the begin of a section between two lines: the ends of repeats, pauses, rhymes, lengths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from lyricsrec.lyrics.transcript import Line
from lyricsrec.music.form.similarity import Values, bare, rhyme, similarities

_SHORT_PAUSE_S = 0.3
_LONGEST_LOG = 3.0
_SAME = 0.3
_NEAR = 4


@dataclass(frozen=True, eq=False)
class SungLines:
    """The lines of a song for its clues.

    `texts` are bare lines. `similar` (lines + 2, lines + 2) are their similarities with a border of zeros, `pauses_s`
    the pauses before each line but the first (NaN where unknown).
    """

    texts: Sequence[str]
    similar: Values
    _: KW_ONLY
    pauses_s: Values

    @classmethod
    def of(cls, lines: Sequence[Line]) -> SungLines:
        """The values of at least two lines."""
        texts = [bare(line.text) for line in lines]
        return cls(texts, np.pad(similarities(texts), 1), pauses_s=_pauses_s(lines))

    @property
    def begins(self) -> range:
        """The numbers of the lines that can begin a section: all but the first."""
        return range(1, len(self.texts))

    @property
    def timed(self) -> bool:
        """Whether at least half of the pauses are known."""
        return bool(np.isfinite(self.pauses_s).mean() >= 0.5)


def _floats(values: Any) -> Values:
    return np.asarray(values, np.float64)


def _pauses_s(lines: Sequence[Line]) -> Values:
    ends = np.array([np.nan if line.end_s is None else line.end_s for line in lines[:-1]])
    starts = np.array([np.nan if line.start_s is None else line.start_s for line in lines])
    # Formats with the starts of lines only: the time between two starts.
    ends = np.where(np.isnan(ends), starts[:-1], ends)
    return _floats(np.maximum(starts[1:] - ends, 0.0).round(3))


def _long_pause(song: SungLines) -> Values:
    """The rank of a pause among those of the song, from 0 to 1, to the power of 4."""
    known = np.isfinite(song.pauses_s)
    ranks = np.full(len(song.pauses_s), 0.5)
    if known.any():
        ranks[known] = (np.argsort(np.argsort(song.pauses_s[known], kind="stable")) + 0.5) / known.sum()
    return _floats(ranks**4)


def _pause_in_repeats(song: SungLines) -> Values:
    """The logarithm of the pause against the median of the song, averaged over all places with the same two lines."""
    logs = np.log(song.pauses_s + _SHORT_PAUSE_S)
    known = np.isfinite(logs)
    logs = np.where(known, logs - (np.median(logs[known]) if known.any() else 0.0), 0.0)
    same = np.minimum(song.similar[1:-2, 1:-2], song.similar[2:-1, 2:-1])
    weights = np.where(same > _SAME, same, 0.0) * known + np.eye(len(logs))
    return _floats(np.clip(weights @ logs / weights.sum(axis=1), -2.0, _LONGEST_LOG))


def _shifted(song: SungLines, rows: int, columns: int) -> Values:
    """(begins, lines): similarities of line `begin + rows` with line `j + columns`, 0 outside of the song."""
    padded = np.pad(song.similar, 1)
    size = len(song.texts)
    return _floats(padded[3 + rows : 3 + rows + size - 1, 2 + columns : 2 + columns + size])


def _repeat_begins(song: SungLines) -> Values:
    """The line is sung elsewhere, without the line before it."""
    return _floats((_shifted(song, 0, 0) - _shifted(song, -1, -1)).max(axis=1))


def _repeat_ends(song: SungLines) -> Values:
    """The line before is sung elsewhere, without this line behind it."""
    return _floats((_shifted(song, -1, 0) - _shifted(song, 0, 1)).max(axis=1))


def _two_begin(song: SungLines) -> Values:
    """As `_repeat_begins`, of two lines."""
    return _floats((np.minimum(_shifted(song, 0, 0), _shifted(song, 1, 1)) - _shifted(song, -1, -1)).max(axis=1))


def _two_end(song: SungLines) -> Values:
    """As `_repeat_ends`, of two lines."""
    return _floats((np.minimum(_shifted(song, -1, 0), _shifted(song, -2, -1)) - _shifted(song, 0, 1)).max(axis=1))


def _inside_repeat(song: SungLines) -> Values:
    """The two lines follow each other elsewhere, too."""
    return _floats(np.minimum(_shifted(song, -1, -1), _shifted(song, 0, 0)).max(axis=1))


def _novelty(song: SungLines) -> Values:
    """How much more similar four lines on each side are among themselves than across (Foote 2000)."""
    inner = song.similar[1:-1, 1:-1]
    found = []
    for begin in song.begins:
        near = slice(max(0, begin - _NEAR), begin + _NEAR)
        sides = np.where(np.arange(len(inner))[near] < begin, -1.0, 1.0)
        pairs = len(sides) * (len(sides) - 1)
        found.append(float(sides @ inner[near, near] @ sides) / max(pairs, 1))
    return np.array(found)


def _like_line_before(song: SungLines) -> Values:
    return np.diagonal(song.similar[1:-1, 1:-1], 1).copy()


def _rhymes_with_line_before(song: SungLines) -> Values:
    return np.array([rhyme(song.texts[i - 1], song.texts[i]) for i in song.begins])


def _rhymes_across(song: SungLines) -> Values:
    """The rhyme of every other line, over the begin."""
    texts = song.texts
    return np.array(
        [
            max(
                rhyme(texts[i - 2], texts[i]) if i > 1 else 0.0,
                rhyme(texts[i - 1], texts[i + 1]) if i + 1 < len(texts) else 0.0,
            )
            for i in song.begins
        ]
    )


def _length_changes(song: SungLines) -> Values:
    """The logarithm of the ratio of the lengths of the two lines, without its sign."""
    lengths = np.log(np.array([len(text) for text in song.texts]) + 3.0)
    return _floats(np.abs(np.diff(lengths)))


CLUES: dict[str, Callable[[SungLines], Values]] = {
    "long_pause": _long_pause,
    "pause_in_repeats": _pause_in_repeats,
    "repeat_begins": _repeat_begins,
    "repeat_ends": _repeat_ends,
    "two_begin": _two_begin,
    "two_end": _two_end,
    "inside_repeat": _inside_repeat,
    "novelty": _novelty,
    "like_line_before": _like_line_before,
    "rhymes_with_line_before": _rhymes_with_line_before,
    "rhymes_across": _rhymes_across,
    "length_changes": _length_changes,
}
"""For each begin of a section that is possible, a number."""

OF_TIMES = ("long_pause", "pause_in_repeats")
"""The clues that need times."""


def clues_of(song: SungLines, names: Sequence[str]) -> Values:
    """(begins, names): the clues with these names."""
    return np.stack([CLUES[name](song) for name in names], axis=1)
