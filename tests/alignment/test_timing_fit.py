"""Robust line fits through times with many outliers."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.alignment.timing_fit import fit_line, fit_offset


def test_exact_points() -> None:
    given = np.arange(0.0, 200.0, 3.0)
    fit = fit_line(given, 1.01 * given - 0.5)
    assert (fit.stretch, fit.offset_s, fit.spread_s) == pytest.approx((1.01, -0.5, 0.0), abs=1e-9)
    assert fit_offset(given, given + 0.25).offset_s == pytest.approx(0.25)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4])
def test_noise_and_wrong_repetitions_do_not_disturb_the_fit(share: float) -> None:
    rng = np.random.default_rng(1)
    given = np.sort(rng.uniform(10, 220, 300))
    aligned = 0.987 * given + 0.42 + rng.normal(0.0, 0.06, 300)
    wrong = rng.random(300) < share
    aligned[wrong] += rng.choice([-24.0, 24.0, 48.0], wrong.sum())
    fit = fit_line(given, aligned)
    assert fit.stretch == pytest.approx(0.987, abs=3e-4)
    assert fit.stretch * 120 + fit.offset_s == pytest.approx(0.987 * 120 + 0.42, abs=0.03)
    assert fit.spread_s < 0.15


def test_many_points_are_thinned_and_close_ones_fit_only_an_offset() -> None:
    given = np.linspace(0.0, 600.0, 5000)
    assert fit_line(given, 1.002 * given).stretch == pytest.approx(1.002)
    assert fit_line([1.0, 2.0, 3.0], [1.5, 2.4, 3.6]) == fit_offset([1.0, 2.0, 3.0], [1.5, 2.4, 3.6])
