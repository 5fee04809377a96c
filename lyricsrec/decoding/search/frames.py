"""Shared by flashlight's compiled searches: the input matrix and the path in the result."""

from __future__ import annotations

from typing import Any

import numpy as np

from lyricsrec.decoding.ctc_path import Path
from lyricsrec.decoding.emission import LogProbs

BLANK = 0
"""The search's index of the blank."""
BEAM_THRESHOLD = 10.0
"""Hypotheses that score worse than the best by more than this (natural logarithm) are pruned."""

NEVER = -1e4
"""The log-probability of impossible symbols."""


def search_matrix(log_probs: LogProbs, columns: Path, last: int) -> LogProbs:
    """Log-probabilities (frames + 1, columns) of a search's symbols, the blank first.

    A frame is appended in which only the search's symbol `last` is possible.
    """
    matrix = np.full((len(log_probs) + 1, len(columns)), NEVER, np.float32)
    np.maximum(np.take(log_probs, columns, axis=1), matrix[:-1], out=matrix[:-1])
    matrix[-1, last] = 0.0
    return matrix


def find(search: Any, matrix: LogProbs) -> list[Any]:
    """The results of a flashlight decoder for a matrix, the likeliest first."""
    assert matrix.flags.c_contiguous
    found: list[Any] = search.decode(matrix.ctypes.data, *matrix.shape)
    return found


def path_of(result: Any) -> list[int]:
    """The search's symbol in each frame, without those that flashlight adds at the start and the end."""
    path: list[int] = result.tokens
    return path[1:-1]
