"""Figures of label files, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.formats.base import Label
from lyricsrec.formats.labels import parse_labels
from lyricsrec.scoring.metrics.timing import label_deviations, label_figures, pair_labels

RIGHT = "0.624541623091 4.61454162309 A B\n4.61454162309 7.0 V\n7.0 11.911836 sp"
FOUND = "2.17454162309 2.57454162309 A\n2.67454162309 3.1745416231 B\n5.20 6.20 V\n6.20 11.911836 sp"


def rows(text: str) -> tuple[Label, ...]:
    return parse_labels(text, "a.lab")


def test_rows_of_labels_as_alignment_evaluation_counts_them() -> None:
    """The figures of that tool's own test on these rows: 0.98 s (standard deviation 0.96), 0.612, none within 0.3 s."""
    pairs = pair_labels(rows(RIGHT), rows(FOUND))
    figures = label_figures(pairs)
    assert figures is not None
    assert (figures.num_pairs, round(figures.mean_s, 2), figures.within) == (3, 0.98, 0.0)
    assert round(float(np.std([pair.late_s for pair in label_deviations(pairs)])), 2) == 0.96
    assert figures.correct_segments == pytest.approx(0.612355429849504, abs=1e-12)


@pytest.mark.parametrize("text", [RIGHT, FOUND, "1 a\n2 b\n4 sil", "1 2 a\n2.5 3 b"])
def test_labels_against_themselves(text: str) -> None:
    figures = label_figures(pair_labels(rows(text), rows(text)))
    assert figures is not None
    assert (figures.mean_s, figures.correct_segments, figures.within, figures.far) == (0.0, 1.0, 1.0, 0.0)


def test_labels_without_ends_have_segments_from_start_to_start() -> None:
    right, found = "0.624541623091 A B\n4.61454162309 V\n7.0 sp", "2.17454162309 A\n2.67454162309 B\n5.20 V\n6.20 sp"
    figures = label_figures(pair_labels(rows(right), rows(found)))
    assert figures is not None
    # 2.17 to 4.61 and 5.2 to 6.2 s.
    assert figures.correct_segments == pytest.approx(3.44 / (7.0 - 0.624541623091))


@pytest.mark.parametrize(
    ("right", "found"),
    [
        ("1 a\n2 b", "1 a"),
        ("1 a", "1 a\n2 b"),
        ("1 a\n2 b", "1 a b"),
        ("1 a\n2 b", "1 a\n2 c"),
        ("1 a\n2 sp", "1 a\n2 b"),
    ],
)
def test_other_words_are_not_paired(right: str, found: str) -> None:
    assert pair_labels(rows(right), rows(found)) == ()
    assert label_figures(()) is None


def test_case_and_the_name_of_silence_do_not_part_rows() -> None:
    pairs = pair_labels(rows("1 2 A b\n2 3 sp"), rows("1 1.5 a\n1.5 2.5 B\n2.5 3 sil"))
    assert pairs == ((Label(1.0, 2.0, "A b"), Label(1.0, 2.5, "A b")), (Label(2.0, 3.0, "sp"), Label(2.5, 3.0, "sp")))
