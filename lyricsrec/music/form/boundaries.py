"""Where the sections of a song begin: a logistic model over clues, and the most probable lengths of sections.

The best cut of a song maximises the sum of the log-odds of its begins and of the log-likelihoods of the lengths of its
sections, each against a song that is cut at random; it is found by dynamic programming.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.lyrics.transcript import Line
from lyricsrec.music.form.clues import SungLines, clues_of
from lyricsrec.music.form.similarity import Values

_FILE = Path(__file__).parents[2] / "data" / "sections" / "boundaries.json"
LONG_BREAK_S = 12.0
"""A pause as long as this always ends a section."""
_CERTAIN = 20.0
_LONGEST_SECTION = 60


@dataclass(frozen=True)
class Weights:
    """The weights of clues in log-odds, and the log-odds of a begin where all of them are 0."""

    weights: Mapping[str, float]
    bias: float


@dataclass(frozen=True)
class BoundaryModel:
    """`timed` is for lyrics with times, `untimed` for others.

    `lengths[n]` is the log-likelihood of a section of n lines against that of one cut at random, the last of them that
    of all longer ones; `length_weight` is its weight.
    """

    timed: Weights
    untimed: Weights
    _: KW_ONLY
    lengths: tuple[float, ...]
    length_weight: float

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> BoundaryModel:
        """The model in the JSON that `recipes/sections` writes."""
        return cls(
            Weights(**document["timed"]),
            Weights(**document["untimed"]),
            lengths=tuple(document["lengths"]),
            length_weight=document["length_weight"],
        )

    def begins(self, lines: Sequence[Line]) -> tuple[int, ...]:
        """The numbers of the lines that begin a section, the first line included."""
        if len(lines) < 2:
            return tuple(range(len(lines)))
        song = SungLines.of(lines)
        return self.cut(self.log_odds(song))

    def log_odds(self, song: SungLines) -> Values:
        """(lines - 1): the log-odds that each line but the first begins a section."""
        chosen = self.timed if song.timed else self.untimed
        found = clues_of(song, list(chosen.weights)) @ np.array(list(chosen.weights.values())) + chosen.bias
        with np.errstate(invalid="ignore"):
            return np.where(song.pauses_s >= LONG_BREAK_S, _CERTAIN, found)

    def cut(self, log_odds: Values) -> tuple[int, ...]:
        """The begins of the best cut, given the log-odds of all lines but the first."""
        num_lines = len(log_odds) + 1
        gains = [0.0, *log_odds.tolist()]
        best, previous = [0.0], [0]
        for end in range(1, num_lines + 1):
            options = {
                begin: best[begin] + gains[begin] + self._length(end - begin)
                for begin in range(max(0, end - _LONGEST_SECTION), end)
            }
            previous.append(max(options, key=options.__getitem__))
            best.append(options[previous[-1]])
        begins = [previous[num_lines]]
        while begins[-1]:
            begins.append(previous[begins[-1]])
        return tuple(reversed(begins))

    def _length(self, num_lines: int) -> float:
        return self.length_weight * self.lengths[min(num_lines, len(self.lengths) - 1)]


@cache
def boundary_model() -> BoundaryModel:
    """The model of the package."""
    return BoundaryModel.from_document(json.loads(_FILE.read_text("utf-8")))
