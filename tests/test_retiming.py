"""Corrected times."""

from __future__ import annotations

from lyricsrec.retiming import Retiming
from lyricsrec.transcript import Line, Word


def test_lines_are_stretched_shifted_and_moved() -> None:
    lines = (Line((Word("a", 1.0, None, 0.5), Word("b", None, 2.0))), Line((Word("c", 10.0, 11.0),)))
    assert Retiming(2.0, -3.0, {1: 0.5}).lines(lines) == (
        Line((Word("a", 0.0, None, 0.5), Word("b", None, 1.0))),
        Line((Word("c", 17.5, 19.5),)),
    )
    assert Retiming(2.0, -3.0).at(1.0) == -1.0


def test_no_change() -> None:
    assert Retiming().changes_nothing
    assert not Retiming(1.0, 0.0, {3: 1.0}).changes_nothing
    assert not Retiming(1.01).changes_nothing
