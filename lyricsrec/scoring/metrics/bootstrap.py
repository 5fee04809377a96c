"""Confidence intervals of error rates: the percentile bootstrap over songs, by SciPy.

It resamples songs rather than words, because errors within a song are correlated (Bisani and Ney, 2004).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lyricsrec.scoring.results import Interval

NUM_RESAMPLES = 9999
"""More resamples make the limits depend less on the seed, and take more time."""

_SEED = 0
_BATCH = 1_000_000


@dataclass(frozen=True)
class Difference:
    """The 95 % interval of the difference between two rates, and its two-sided p-value."""

    interval: Interval
    p_value: float


def rate_interval(errors: Sequence[int], words: Sequence[int]) -> Interval | None:
    """The 95 % interval of a pooled rate, from the errors and reference words of each song.

    None with fewer than two songs that have words. The random seed is fixed: the same numbers give the same interval.
    """
    if sum(number > 0 for number in words) < 2:
        return None
    found = _resampled((errors, words), _rate)
    return _interval(found)


def rate_difference(first: Sequence[int], second: Sequence[int], words: Sequence[int]) -> Difference | None:
    """The difference of the second pooled rate from the first, by a paired bootstrap over songs.

    `first` and `second` are the errors, `words` the reference words of each song. None as in `rate_interval`.
    """
    if sum(number > 0 for number in words) < 2:
        return None
    found = _resampled((first, second, words), lambda a, b, n, axis: _rate(b, n, axis) - _rate(a, n, axis))
    drawn = found.bootstrap_distribution[np.isfinite(found.bootstrap_distribution)]
    # Adding one keeps the p-value above zero for any number of resamples.
    tail = min(np.sum(drawn <= 0), np.sum(drawn >= 0))
    return Difference(_interval(found), float(min(1.0, max(2 * (tail + 1) / (len(drawn) + 1), _least_p(words)))))


def _least_p(words: Sequence[int]) -> float:
    """The p-value of a sign test on songs that all agree: a lower bound, as the bootstrap is too sure for few songs."""
    return 2.0 ** (1 - sum(number > 0 for number in words))


def _resampled(data: tuple[Sequence[int], ...], statistic: Any) -> Any:
    from scipy.stats import bootstrap

    with warnings.catch_warnings():
        # SciPy warns of an interval without width when all songs have the same rate.
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
