"""Times of lines, corrected and filled in."""

from __future__ import annotations

from dataclasses import replace

from lyricsrec.lyrics.retiming import Retiming, TimedLine, TimedWord, timed_lines, with_line_ends
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word


def test_lines_are_stretched_shifted_and_moved() -> None:
    lines = (Line((Word("a", 1.0, None, confidence=0.5), Word("b", None, 2.0))), Line((Word("c", 10.0, 11.0),)))
    assert Retiming(2.0, -3.0, {1: 0.5}).lines(lines) == (
        Line((Word("a", 0.0, None, confidence=0.5), Word("b", None, 1.0))),
        Line((Word("c", 17.5, 19.5),)),
    )
    assert Retiming(2.0, -3.0).at(1.0) == -1.0


def test_no_change() -> None:
    assert Retiming().changes_nothing
    assert not Retiming(1.0, 0.0, {3: 1.0}).changes_nothing
    assert not Retiming(1.01).changes_nothing


def test_lines_without_an_end_last_until_the_next() -> None:
    def line(start_s: float | None, end_s: float | None = None) -> Line:
        return Line((Word("a", start_s, None), Word("b", None, end_s)))

    lines = (line(1.0), line(None), line(4.0, 4.5), line(20.0), line(40.0))
    ends = [line.words[-1].end_s for line in with_line_ends(lines, 45.0)]
    assert ends == [4.0, None, 4.5, 28.0, 45.0]


def test_lines_that_begin_together_end_with_the_next() -> None:
    lines = (Line((Word("a", 1.0, 4.0),)), Line((Word("b", 1.0, 4.0),)), Line((Word("c", 3.0, None),)))
    song = Transcript("Song", 60.0, lines, provenance=Provenance("0", "none", "test", decoder="greedy"))
    assert [(line.start_s, line.end_s) for line in timed_lines(replace(song, lines=lines[:2]))] == [(1.0, 4.0)] * 2
    open_lines = tuple(Line((replace(line.words[0], end_s=None),)) for line in lines)
    assert [line.end_s for line in with_line_ends(open_lines, 60.0)] == [3.0, 3.0, 11.0]
    closed = replace(song, lines=with_line_ends(lines, 5.0))
    assert [line.end_s for line in timed_lines(closed)] == [3.0, 3.0, 5.0]


def test_timed_lines_end_before_the_next_and_their_words_have_all_times() -> None:
    lines = (
        Line((Word("a", 1.0, 2.0), Word("b", None, None), Word("c", 3.0, 9.0))),
        Line((Word("lost", None, None),)),
        Line((Word("d", 5.0, 6.0),)),
    )
    provenance = Provenance("0", "none", "test", decoder="greedy")
    assert list(timed_lines(Transcript("Song", 60.0, lines, provenance=provenance))) == [
        TimedLine(1.0, 5.0, (TimedWord(1.0, 2.0, "a"), TimedWord(2.0, 3.0, "b"), TimedWord(3.0, 9.0, "c"))),
        TimedLine(5.0, 6.0, (TimedWord(5.0, 6.0, "d"),)),
    ]
