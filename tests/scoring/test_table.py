"""Figures as rows and sentences."""

from __future__ import annotations

import pytest

from lyricsrec.scoring.figures import Comparison, Interval
from lyricsrec.scoring.table import verdict


@pytest.mark.parametrize(
    ("difference", "interval", "p_value", "expected"),
    [
        (
            -0.031,
            Interval(-0.05, -0.012),
            0.002,
            "The WER of b is 3.1 points lower than that of a (95 %: 1.2 to 5.0; p = 0.002).",
        ),
        (
            0.02,
            Interval(0.01, 0.03),
            0.0002,
            "The WER of b is 2.0 points higher than that of a (95 %: 1.0 to 3.0; p < 0.001).",
        ),
        (
            -0.01,
            Interval(-0.03, 0.01),
            0.4,
            "No clear difference: the WER of b is 1.0 points lower than that of a (95 %: -1.0 to 3.0; p = 0.400).",
        ),
        (
            -0.01,
            Interval(-0.01, -0.01),
            0.25,
            "No clear difference: the WER of b is 1.0 points lower than that of a (95 %: 1.0 to 1.0; p = 0.250).",
        ),
        (-0.01, None, None, "The WER of b is 1.0 points lower than that of a (too few songs to say how sure that is)."),
        (0.0, None, None, "b and a have the same WER (too few songs to say how sure that is)."),
    ],
)
def test_comparisons_are_sentences(
    difference: float, interval: Interval | None, p_value: float | None, expected: str
) -> None:
    comparison = Comparison("a", "b", 2, 0.3, 0.3 + difference, difference, interval, p_value, 1, 2, (), ())
    assert verdict(comparison) == expected
