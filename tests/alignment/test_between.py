"""Words without times get them between the words around them, whose times stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.sung_verse import TIMES, VERSE, sing, starts

from lyricsrec.alignment.between.fill import fill
from lyricsrec.alignment.between.stretches import Stretch, excerpts, stretches
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.segment import Span
from lyricsrec.lyrics.transcript import Line, Placement, Word


def verse(*open_words: tuple[int, int]) -> list[Line]:
    """The sung verse with exact times, but for some words (line, word)."""
    lines = []
    for i, (_, text) in enumerate(VERSE):
        words = [
            Word(word, None, None) if (i, j) in open_words else Word(word, start_s, start_s + 0.3, confidence=0.5)
            for j, (word, start_s) in enumerate(zip(text.split(), TIMES[i], strict=True))
        ]
        lines.append(Line(tuple(words), Placement(0.2, "doubtful", "unclear")))
    return lines


def timed(lines: list[Line]) -> tuple[Line, ...]:
    filled = tuple(lines)
    for stretch in stretches(lines, 12.0, frozenset()):
        filled = fill(filled, stretch, sing(VERSE, 12), AlignConfig())
    return filled


@pytest.mark.parametrize(
    "open_words",
    [
        [(0, 1)],
        [(0, 0)],
        [(2, 3)],
        [(0, 2), (1, 0)],
        [(1, 0), (1, 1), (1, 2)],
        [(0, 1), (1, 1), (2, 1)],
        [(i, j) for i, row in enumerate(TIMES) for j in range(len(row))],
    ],
)
def test_words_without_times_start_where_they_are_sung_and_no_other_changes(open_words: list[tuple[int, int]]) -> None:
    lines = verse(*open_words)
    found = timed(lines)
    assert starts(found) == TIMES
    for i, line in enumerate(lines):
        kept = [j for j in range(len(line.words)) if (i, j) not in open_words]
        assert [found[i].words[j] for j in kept] == [line.words[j] for j in kept]
        # Only a line that was timed as a whole is judged anew.
        assert (found[i].placement == line.placement) == bool(kept)


def test_other_lyrics_at_a_place_are_timed_all_the_same() -> None:
    lines = verse((1, 0), (1, 1), (1, 2))
    lines[1] = Line(tuple(Word(text, None, None) for text in ("somewhat", "42", "mumbled", "…")))
    words = timed(lines)[1].words
    times = [seconds for word in words for seconds in (word.start_s, word.end_s)]
    assert None not in times
    assert times == sorted(times)  # type: ignore[type-var]
    assert (times[0] >= 3.3, times[-1] <= 9.0) == (True, True)  # type: ignore[operator]


def test_without_room_words_share_what_there_is() -> None:
    lines = [Line((Word("a", 1.0, 2.0), Word("new", None, None), Word("words", None, None), Word("b", 2.08, 3.0)))]
    (line,) = fill(lines, *stretches(lines, 12.0, frozenset()), sing(VERSE, 12), AlignConfig())
    assert [(word.start_s, word.end_s) for word in line.words] == [(1.0, 2.0), (2.0, 2.03), (2.03, 2.08), (2.08, 3.0)]


def test_neighbours_that_nobody_moved_make_room() -> None:
    a, b, c = Word("moved", 1.0, 2.0), Word("found", 2.0, 2.9), Word("last", 3.0, 3.4)
    lines = [Line((a, Word("new", None, None), b, c))]
    assert stretches(lines, 9.0, frozenset()) == [Stretch(1, 1, Span(2.0, 2.0))]
    assert stretches(lines, 9.0, frozenset([b])) == [Stretch(1, 2, Span(2.0, 3.0))]
    assert stretches(lines, 9.0, frozenset([a, b, c])) == [Stretch(0, 2, Span(0.0, 3.0))]
    wide = [replace(lines[0], words=(a, Word("new", None, None), replace(c, start_s=4.0, end_s=5.0)))]
    assert stretches(wide, 9.0, frozenset([a])) == [Stretch(1, 1, Span(2.0, 4.0))]


def test_runs_at_the_ends_and_runs_that_meet() -> None:
    a, b = Word("one", 4.0, 4.1), Word("two", 4.15, 4.3)
    lines = [Line((Word("x", None, None), a)), Line((Word("y", None, None), b)), Line((Word("z", None, None),))]
    assert stretches(lines, 9.0, frozenset()) == [
        Stretch(0, 0, Span(0.0, 4.0)),
        Stretch(2, 2, Span(4.1, 4.15)),
        Stretch(4, 4, Span(4.3, 9.0)),
    ]
    # The second run needs more room than it has, and takes its neighbours; so it meets both others.
    assert stretches(lines, 9.0, frozenset([a, b])) == [Stretch(0, 4, Span(0.0, 9.0))]
    beside = [*lines, Line((Word("trans", None, None),), role="translation")]
    assert stretches(beside, 9.0, frozenset()) == stretches(lines, 9.0, frozenset())
    assert stretches([], 9.0, frozenset()) == []


def test_excerpts_hold_the_stretches_with_what_is_around_them() -> None:
    found = [Stretch(0, 0, Span(1.0, 2.0)), Stretch(2, 2, Span(9.0, 10.0)), Stretch(9, 9, Span(30.0, 31.0))]
    assert excerpts(found, 33.0) == [Span(0.0, 14.0), Span(26.0, 33.0)]
    assert excerpts([], 33.0) == []
