"""Times of two label files row by row, as the MIREX challenges' tool AlignmentEvaluation compares them.

Rows may hold several words, and silences are rows like others. Where they have ends, correct segments are counted
between starts and ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lyricsrec.labels import Label
from lyricsrec.scoring.figures import Deviation, TimingFigures
from lyricsrec.scoring.timing import Times, correct_segments, timing_figures


def pair_labels(reference: Sequence[Label], hypothesis: Sequence[Label]) -> tuple[tuple[Label, Label], ...]:
    """Each row of the reference with the row or rows of the hypothesis that hold its words, as one.

    Nothing where the files do not have the same words and silences in the same order (case does not count), or where
    a row of the hypothesis goes on into the next of the reference.
    """
    rows = iter(hypothesis)
    pairs: list[tuple[Label, Label]] = []
    for label in reference:
        wanted, found = _tokens(label), list[str]()
        parts: list[Label] = []
        while len(found) < len(wanted) and (row := next(rows, None)) is not None:
            parts.append(row)
            found += _tokens(row)
        if found != wanted:
            return ()
        pairs.append((label, Label(parts[0].start_s, parts[-1].end_s, label.text)))
    return tuple(pairs) if next(rows, None) is None else ()


def label_deviations(pairs: Sequence[tuple[Label, Label]]) -> tuple[Deviation, ...]:
    """How much later each row starts by the hypothesis."""
    return tuple(Deviation(right.start_s, found.start_s - right.start_s) for right, found in pairs)


def label_figures(pairs: Sequence[tuple[Label, Label]]) -> TimingFigures | None:
    """The figures of one song, with a row, words or silence, in the place of a word; None without any.

    Where all rows have ends, `correct_segments` is the time for which both sides are within the same row, or between
    the same two, over that from the first start to the last end of the reference.
    """
    figures = timing_figures(label_deviations(pairs), len(pairs))
    reference = _boundaries([right for right, _ in pairs])
    estimated = _boundaries([found for _, found in pairs])
    if figures is None or reference is None or estimated is None:
        return figures
    return replace(figures, correct_segments=correct_segments(reference, estimated))


def _tokens(label: Label) -> list[str]:
    """What is counted of a row: its words, or one silence."""
    return [word.casefold() for word in label.words] or [""]


def _boundaries(labels: Sequence[Label]) -> Times | None:
    """Starts and ends in turn: pauses between rows are segments too. None where an end is not given."""
    ends = [label.end_s for label in labels if label.end_s is not None]
    if len(ends) < len(labels):
        return None
    return np.array([[label.start_s for label in labels], ends], np.float64).T.ravel()
