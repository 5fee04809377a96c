"""What flashlight's compiled searches share: the matrix that they take, and the path that they give back."""

from __future__ import annotations

from typing import Any

import numpy as np

from lyricsrec.decoding.ctc_path import Path
from lyricsrec.decoding.emission import LogProbs

BLANK = 0
"""The search's own number of the blank."""
BEAM_THRESHOLD = 10.0
"""How far behind the best (natural logarithm) a hypothesis is given up."""

NEVER = -1e4
"""The log-probability of what is impossible."""


def search_matrix(sung: LogProbs, columns: Path, last: int) -> LogProbs:
    """Log-probabilities (frames + 1, columns) of the symbols that a search knows, the blank first.

    After the end comes a frame in which only the search's symbol `last` is possible.
    """
    matrix = np.full((len(sung) + 1, len(columns)), NEVER, np.float32)
    np.maximum(np.take(sung, columns, axis=1), matrix[:-1], out=matrix[:-1])
    matrix[-1, last] = 0.0
    return matrix


def find(search: Any, matrix: LogProbs) -> list[Any]:
    """What a flashlight decoder makes of a matrix, the likeliest first."""
    assert matrix.flags.c_contiguous
    found: list[Any] = search.decode(matrix.ctypes.data, *matrix.shape)
    return found


def path_of(result: Any) -> list[int]:
    """The search's symbol in each frame; flashlight adds those of the start and the end."""
    path: list[int] = result.tokens
    return path[1:-1]
