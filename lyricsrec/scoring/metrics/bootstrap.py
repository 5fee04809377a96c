"""How far a rate might be otherwise with other songs: the percentile bootstrap over songs, by SciPy.

Songs, not words, are drawn, for errors within a song come together (Bisani and Ney, 2004).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lyricsrec.scoring.results import Interval

NUM_RESAMPLES = 9999
"""More make the borders steadier from one seed to another; the time grows with it."""

_SEED = 0
_BATCH = 1_000_000


@dataclass(frozen=True)
class Difference:
    """By how much two rates differ: the interval, and the two-sided p-value that they do not."""

    interval: Interval
    p_value: float


def rate_interval(errors: Sequence[int], words: Sequence[int]) -> Interval | None:
    """The 95 % interval of a pooled rate, from the errors and words of each song.

    None with fewer than two songs that have words. The same numbers give the same interval.
    """
    if sum(number > 0 for number in words) < 2:
        return None
    found = _resampled((errors, words), _rate)
    return _interval(found)


def rate_difference(first: Sequence[int], second: Sequence[int], words: Sequence[int]) -> Difference | None:
    """How the second pooled rate differs from the first, songs being drawn for both together.

    `first` and `second` are errors, `words` the reference's, song by song. None as for `rate_interval`.
    """
    if sum(number > 0 for number in words) < 2:
        return None
    found = _resampled((first, second, words), lambda a, b, n, axis: _rate(b, n, axis) - _rate(a, n, axis))
    drawn = found.bootstrap_distribution[np.isfinite(found.bootstrap_distribution)]
    # One more draw on either side, so that no finite number of draws proves anything for certain.
    tail = min(np.sum(drawn <= 0), np.sum(drawn >= 0))
    return Difference(_interval(found), float(min(1.0, max(2 * (tail + 1) / (len(drawn) + 1), _least_p(words)))))


def _least_p(words: Sequence[int]) -> float:
    """What a sign test says of songs that all agree: few songs prove little, however clear the bootstrap is."""
    return 2.0 ** (1 - sum(number > 0 for number in words))


def _resampled(data: tuple[Sequence[int], ...], statistic: Any) -> Any:
    from scipy.stats import bootstrap

    with warnings.catch_warnings():
        # Songs that are all alike give one rate: an interval without width, and a warning.
        warnings.simplefilter("ignore")
        return bootstrap(
            tuple(np.asarray(values, float) for values in data),
            statistic,
            paired=True,
            vectorized=True,
            n_resamples=NUM_RESAMPLES,
            batch=max(1, _BATCH // len(data[0])),
            method="percentile",
            rng=np.random.default_rng(_SEED),
        )


def _interval(found: Any) -> Interval:
    drawn = found.bootstrap_distribution[np.isfinite(found.bootstrap_distribution)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(float(low), float(high))


def _rate(errors: Any, words: Any, axis: int) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return errors.sum(axis=axis) / words.sum(axis=axis)
