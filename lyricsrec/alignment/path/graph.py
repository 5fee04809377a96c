"""Lyrics as a chain of states for a path to walk through, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from lyricsrec.alignment.alphabet import SpelledLine
from lyricsrec.alignment.settings import AlignConfig

Indices = npt.NDArray[np.intp]
Costs = npt.NDArray[np.float32]

IMPOSSIBLE = np.float32(-1e30)
IN_WORD, IN_LINE, BETWEEN_LINES = -3, -2, -1
"""Columns of a score table that stand for the pauses within a word, within a line, and between lines."""


@dataclass(frozen=True)
class Graph:
    """States in the order in which they are sung: a pause between lines, the symbols and pauses of each line, ...

    `columns` says what each state needs to be heard, as a column of a score table. A path stays in a state, goes on to
    the next, or over a pause to the symbol after it unless that repeats the one before (`jumps` is 0 there, else
    `IMPOSSIBLE`; Graves et al. 2006). `doors` are the pauses between lines, the first and the last included: from each,
    the path may go on to any later one without a sound, for the difference of their `tolls`. `first` and `last` are
    the states of each word's first and last symbol.
    """

    columns: Indices
    jumps: Costs
    doors: Indices
    _: KW_ONLY
    tolls: Costs
    first: Indices
    last: Indices

    def __len__(self) -> int:
        return len(self.columns)


def build_graph(lines: Sequence[SpelledLine], config: AlignConfig) -> Graph:
    """The graph of lines in the order in which they are sung."""
    columns = [BETWEEN_LINES]
    first, last, doors = [], [], [0]
    for line in lines:
        for i, word in enumerate(line.words):
            if i:
                # Between two words may be one without letters, which sounds as it likes.
                columns.append(IN_LINE if word.word == line.words[i - 1].word + 1 else BETWEEN_LINES)
            first.append(len(columns))
            for j, part in enumerate(word.parts):
                if j:
                    columns.append(IN_LINE)
                for k, symbol in enumerate(part):
                    columns += [IN_WORD, symbol] if k else [symbol]
            last.append(len(columns) - 1)
        doors.append(len(columns))
        columns.append(BETWEEN_LINES)
    tolls = accumulate((toll_of(line, config) for line in lines), initial=0.0)
    chain = np.array(columns, np.intp)
    return Graph(
        chain,
        _jumps(chain),
        np.array(doors, np.intp),
        tolls=np.array(list(tolls), np.float32),
        first=np.array(first, np.intp),
        last=np.array(last, np.intp),
    )


def toll_of(line: SpelledLine, config: AlignConfig) -> float:
    """What leaving a line out costs, in nats."""
    return config.skip_line + config.skip_letter * line.num_symbols


def _jumps(columns: Indices) -> Costs:
    """What it costs to reach each state from two before."""
    jumps = np.full(len(columns), IMPOSSIBLE, np.float32)
    sung = columns >= 0
    jumps[2:][sung[2:] & sung[:-2] & (columns[2:] != columns[:-2])] = 0.0
    return jumps
