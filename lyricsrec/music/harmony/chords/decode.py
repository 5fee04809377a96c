"""The best sequence of chords: the most probable ones, with a price for each change."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from lyricsrec.music.harmony.chords.vocabulary import Scores


def best_path(scores: Scores, penalty: float) -> npt.NDArray[np.int64]:
    """The chord (column) in each row of log-probabilities: their sum less `penalty` for each change is greatest."""
    if not len(scores):
        return np.zeros(0, np.int64)
    total = scores[0].astype(np.float64)
    origins = np.empty(scores.shape, np.int32)
    stay = np.arange(scores.shape[1])
    for row, found in enumerate(scores):
        if row:
            best = int(np.argmax(total))
            changes = total < total[best] - penalty
            origins[row] = np.where(changes, best, stay)
            total = np.where(changes, total[best] - penalty, total) + found
    path = np.empty(len(scores), np.int64)
    path[-1] = np.argmax(total)
    for row in range(len(scores) - 1, 0, -1):
        path[row - 1] = origins[row, path[row]]
    return path


def summed(scores: Scores, borders: npt.NDArray[np.int64]) -> Scores:
    """The sums of the rows between borders, which begin with 0 and rise."""
    return np.asarray(np.add.reduceat(scores, borders, axis=0), np.float32)


def stretches(path: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """First row and row after the last of each stretch with the same chord."""
    if not len(path):
        return []
    borders = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return list(pairwise(borders))
