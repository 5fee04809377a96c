"""Intervals over songs, and p-values of differences."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from lyricsrec.scoring.metrics import bootstrap
from lyricsrec.scoring.metrics.bootstrap import rate_difference, rate_interval
from lyricsrec.scoring.results import Interval

ERRORS, WORDS = [3, 10, 1, 7, 22, 5], [20, 35, 30, 18, 40, 25]


def test_the_interval_holds_the_rate_and_is_the_same_every_time() -> None:
    first = rate_interval(ERRORS, WORDS)
    assert first is not None
    assert first == rate_interval(ERRORS, WORDS)
    rates = [a / b for a, b in zip(ERRORS, WORDS, strict=True)]
    assert min(rates) < first.low < sum(ERRORS) / sum(WORDS) < first.high < max(rates)


def test_it_is_the_percentile_bootstrap_over_songs() -> None:
    found = rate_interval(ERRORS, WORDS)
    errors, words = np.array(ERRORS), np.array(WORDS)
    drawn = np.random.default_rng(1).integers(0, 6, (200_000, 6))
    rates = errors[drawn].sum(axis=1) / words[drawn].sum(axis=1)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(np.percentile(rates, [2.5, 97.5]), abs=0.01)


@pytest.mark.parametrize(("errors", "words"), [([], []), ([1], [2]), ([1, 3], [2, 0]), ([1, 2], [0, 0])])
def test_fewer_than_two_songs_with_words_give_no_interval(errors: list[int], words: list[int]) -> None:
    assert rate_interval(errors, words) is None
    assert rate_difference(errors, errors, words) is None


def test_equal_songs_give_an_interval_without_width_or_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert rate_interval([1, 2, 4], [4, 8, 16]) == Interval(0.25, 0.25)
        assert rate_interval([0, 0], [4, 8]) == Interval(0.0, 0.0)
        # A song without words is drawn too, and counts with its insertions.
        found = rate_interval([1, 1, 5], [4, 4, 0])
    assert found is not None
    assert (found.low, np.isfinite(found.high)) == (0.25, True)


def test_the_interval_covers_the_true_rate_about_95_percent_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "NUM_RESAMPLES", 999)
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        words = random.integers(50, 400, 30)
        errors = random.binomial(words, random.beta(3, 7, 30))
        found = rate_interval(errors.tolist(), words.tolist())
        assert found is not None
        covered += found.low <= 0.3 <= found.high
    assert 88 <= covered <= 99


def test_a_system_does_not_differ_from_itself() -> None:
    found = rate_difference(ERRORS, ERRORS, WORDS)
    assert found is not None
    assert (found.interval, found.p_value) == (Interval(0.0, 0.0), 1.0)


@pytest.mark.parametrize("num_songs", [2, 3, 6, 8])
def test_few_songs_prove_little(num_songs: int) -> None:
    words = [50] * num_songs
    found = rate_difference([20] * num_songs, [10] * num_songs, words)
    assert found is not None
    assert found.p_value == 2.0 ** (1 - num_songs)
    assert found.interval == Interval(-0.2, -0.2)


def test_many_songs_prove_no_more_than_was_drawn() -> None:
    found = rate_difference([20] * 400, [10] * 400, [50] * 400)
    assert found is not None
    assert found.p_value == 2 / 10_000


def test_swapped_systems_differ_the_other_way() -> None:
    other = [5, 8, 4, 7, 15, 2]
    one, two = rate_difference(ERRORS, other, WORDS), rate_difference(other, ERRORS, WORDS)
    assert one is not None
    assert two is not None
    assert (one.interval.low, one.interval.high) == pytest.approx((-two.interval.high, -two.interval.low))
    assert one.p_value == two.p_value
    assert 0 < one.p_value < 1
    assert one.interval.low < (sum(other) - sum(ERRORS)) / sum(WORDS) < one.interval.high


def test_songs_are_paired() -> None:
    """Songs that differ much, but all by the same: the difference is certain."""
    errors = [1, 20, 50, 90, 5, 70, 33, 12, 64, 8]
    found = rate_difference(errors, [number + 1 for number in errors], [100] * 10)
    assert found is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((0.01, 0.01))
    assert found.p_value == 2**-9
