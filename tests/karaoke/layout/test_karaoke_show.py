from collections.abc import Sequence
from itertools import pairwise

import pytest
from helpers.karaoke import line, transcript

from lyricsrec.karaoke.layout.lines import shown_lines
from lyricsrec.karaoke.layout.show import Card, Show, show_of
from lyricsrec.lyrics.transcript import Line


def show(lines: Sequence[Line], slots: int = 2, duration_s: float = 60.0) -> Show:
    return show_of(shown_lines(transcript(*lines), lambda _: True), slots=slots, duration_s=duration_s)


def test_lines_take_turns_and_the_next_one_is_there_before_it_is_sung() -> None:
    placed = show([line("a", 10, 12), line("b", 12, 14), line("c", 14, 16)]).lines
    assert [item.slot for item in placed] == [0, 1, 0]
    assert [item.from_s for item in placed] == [6.0, 6.0, 12.35]
    assert [item.to_s for item in placed] == [12.35, 14.35, 17.0]


def test_after_a_break_the_first_place_comes_first_and_is_counted_down() -> None:
    found = show([line("a", 10, 12), line("b", 20, 22)])
    assert [item.slot for item in found.lines] == [0, 0]
    assert found.countdowns_s == (10, 20)
    assert found.lines[1].from_s == 16.0
    assert show([line("a", 1, 2), line("b", 6.5, 8)]).countdowns_s == ()


@pytest.mark.parametrize("slots", [2, 3, 4])
def test_no_place_has_two_lines_at_once_and_every_line_is_there_in_time(slots: int) -> None:
    lines = [line("x y", 0.7 * i, 0.7 * i + (1.9 if i % 5 == 0 else 0.6), ["AB"[i % 2]]) for i in range(60)]
    placed = show(lines, slots).lines
    for item in placed:
        assert item.from_s <= item.line.start_s
        assert item.from_s < item.to_s
    for slot in range(slots):
        own = [item for item in placed if item.slot == slot]
        assert all(before.to_s <= after.from_s for before, after in pairwise(own))


def test_cards_fill_the_time_before_and_after() -> None:
    assert show([line("a", 10, 12)]).cards == (Card(0.0, 5.0), Card(13.0, 60.0, is_end=True))
    assert show([line("a", 4.5, 5)], duration_s=6.5).cards == ()


def test_singers_are_numbered_as_they_begin() -> None:
    found = show([line("a", 1, 2, ["Bob"]), line("b", 2, 3, ["Ann"]), line("c", 3, 4, ["Ann", "Bob"]), line("d", 4, 5)])
    assert found.is_duet
    assert [found.voice(item.line) for item in found.lines] == [0, 1, None, 0]
