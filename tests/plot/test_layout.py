from __future__ import annotations

import pytest

from lyricsrec.lyrics.transcript import Line, Placement, Word
from lyricsrec.plot.layout import clock, flow, lay_out, notes_on, placed_words, tick_step, within, wrap


def line(text: str, *starts: float | None, placement: Placement | None = None) -> Line:
    """Words of half a second each."""
    times = zip(text.split(), starts, strict=True)
    return Line(tuple(Word(word, t, None if t is None else t + 0.5, confidence=0.9) for word, t in times), placement)


def tenth(text: str) -> float:
    """A tenth of a second a letter."""
    return len(text) / 10


UNPLACED = Placement(0.1, "unplaced", "nobody sings it")
DOUBTFUL = Placement(0.4, "doubtful", "fits elsewhere too")


def test_words_in_order_of_time_with_their_lines() -> None:
    spans = placed_words([line("b c", 5.0, None, placement=DOUBTFUL), line("a", 1.0), Line(())])
    assert [(span.text, span.start_s, span.end_s, span.line, span.begins_line, span.is_doubtful) for span in spans] == [
        ("a", 1.0, 1.5, 1, True, False),
        ("b", 5.0, 5.5, 0, True, True),
    ]


def test_a_word_without_an_end_lasts_until_the_next_and_none_ends_before_it_begins() -> None:
    spans = placed_words([Line((Word("a", 1.0, None), Word("b", 2.0, None), Word("c", 4.0, 3.0)))])
    assert [(span.start_s, span.end_s) for span in spans] == [(1.0, 2.0), (2.0, 4.0), (4.0, 4.0)]


def test_words_are_cut_off_where_the_part_begins_and_ends() -> None:
    spans = placed_words([line("a b c d", 0.0, 0.8, 1.8, 2.0)])
    assert [(span.text, span.start_s, span.end_s) for span in within(spans, 1.0, 2.0)] == [
        ("b", 1.0, 1.3),
        ("c", 1.8, 2.0),
    ]


def test_rows_hold_their_words_and_the_last_row_is_as_long_as_it_must_be() -> None:
    spans = placed_words([line("one two", 1.0, 9.8), line("three", 20.0)])
    rows = lay_out(spans, [], start_s=0.0, end_s=25.0, row_s=10.0, measure=tenth)
    assert [(row.start_s, row.end_s) for row in rows] == [(0.0, 10.0), (10.0, 20.0), (20.0, 25.0)]
    boxes = [[(box.text, box.start_s, box.end_s, box.text_s) for box in row.boxes] for row in rows]
    # "two" goes on in the second row, where most of it lies.
    assert boxes == [
        [("one", 1.0, 1.5, 1.0), ("", 9.8, 10.0, 9.8)],
        [("two", 10.0, 10.3, 10.0)],
        [("three", 20.0, 20.5, 20.0)],
    ]


def test_a_song_as_long_as_its_rows_has_no_empty_one_more() -> None:
    assert len(lay_out([], [], start_s=0.0, end_s=30.0, row_s=15.0, measure=tenth)) == 2
    assert len(lay_out([], [], start_s=5.0, end_s=5.5, row_s=15.0, measure=tenth)) == 1


def test_a_long_word_shows_its_text_once() -> None:
    spans = placed_words([Line((Word("oh", 9.0, 31.0),))])
    rows = lay_out(spans, [], start_s=0.0, end_s=40.0, row_s=10.0, measure=tenth)
    assert [[box.text for box in row.boxes] for row in rows] == [[""], ["oh"], [""], [""]]


def test_texts_never_touch_and_take_the_lowest_free_lane() -> None:
    spans = placed_words([line("wonderful I am here", 1.0, 1.2, 1.4, 2.0)])
    (row,) = lay_out(spans, [], start_s=0.0, end_s=10.0, row_s=10.0, measure=tenth)
    assert [(box.text, box.lane) for box in row.boxes] == [("wonderful", 0), ("I", 1), ("am", 2), ("here", 0)]
    assert row.num_lanes == 3
    assert lay_out([], [], start_s=0.0, end_s=10.0, row_s=10.0, measure=tenth)[0].num_lanes == 1


def test_a_text_at_the_end_of_a_row_is_moved_into_it() -> None:
    spans = placed_words([line("wonderful", 9.5)])
    (row,) = lay_out(spans, [], start_s=0.0, end_s=10.0, row_s=10.0, measure=tenth)
    assert (row.boxes[0].start_s, row.boxes[0].text_s) == (9.5, 9.1)


def test_words_without_length_are_in_one_row() -> None:
    spans = placed_words([Line((Word("now", 10.0, 10.0),))])
    rows = lay_out(spans, [], start_s=0.0, end_s=20.0, row_s=10.0, measure=tenth)
    assert [[box.text for box in row.boxes] for row in rows] == [[], ["now"]]


def test_lines_without_a_place_share_the_time_between_their_neighbours() -> None:
    lines = [
        line("zero", None),
        line("one", 2.0),
        line("two", None, placement=UNPLACED),
        Line(()),
        line("three", None),
        line("four", 14.5),
        line("five", None),
    ]
    found = notes_on(lines, 20.0)
    assert [(aside.text, aside.at_s, aside.mark, aside.place, aside.reason) for aside in found] == [
        ("zero", 1.0, "×1", "between 0:00 and 0:02", None),
        ("two", 6.5, "×3", "between 0:02 and 0:14", "nobody sings it"),
        ("three", 10.5, "×5", "between 0:02 and 0:14", None),
        ("five", 17.5, "×7", "between 0:15 and 0:20", None),
    ]


def test_doubtful_lines_and_lines_with_words_missing_are_spoken_of_where_they_are() -> None:
    lines = [line("a", 1.0), line("b b", 3.0, 4.0, placement=DOUBTFUL), line("c d e", None, 65.0, None)]
    lines.append(line("f", 70.0, placement=Placement(0.9, "likely", "a reason nobody asks for")))
    assert [(aside.at_s, aside.mark, aside.place, aside.reason) for aside in notes_on(lines, 80.0)] == [
        (3.0, "?2", "at 0:03", "fits elsewhere too"),
        (65.0, "?3", "at 1:05", "2 of 3 words have no time"),
    ]


def test_asides_stand_beside_their_rows() -> None:
    lines = [line("one", 2.0), line("two", None), line("three", 14.0), line("four", 20.0, placement=DOUBTFUL)]
    rows = lay_out(placed_words(lines), notes_on(lines, 20.5), start_s=0.0, end_s=20.5, row_s=10.0, measure=tenth)
    assert [[aside.text for aside in row.asides] for row in rows] == [["two"], [], ["four"]]


def test_an_aside_at_the_very_end_is_not_lost() -> None:
    lines = [Line((Word("one", 2.0, 20.0),)), line("two", None)]
    rows = lay_out([], notes_on(lines, 20.0), start_s=0.0, end_s=20.0, row_s=10.0, measure=tenth)
    assert [[aside.text for aside in row.asides] for row in rows] == [[], ["two"]]


def test_blocks_flow_below_each_other() -> None:
    assert flow([1.0, 1.0, 5.0, 5.5], [2.0, 1.0, 1.0, 1.0], 0.5) == [1.0, 3.5, 5.0, 6.5]
    assert flow([], [], 0.5) == []


def test_texts_are_wrapped_and_long_words_broken() -> None:
    assert wrap("I would have gone", 0.7, tenth) == ["I would", "have", "gone"]
    assert wrap("ok 雨が降っている", 0.3, tenth) == ["ok", "雨が降", "ってい", "る"]
    assert wrap("  ", 0.3, tenth) == []


@pytest.mark.parametrize(
    ("row_s", "step"), [(1.0, 0.1), (5.0, 0.5), (15.0, 1.0), (20.0, 2.0), (60.0, 5.0), (600.0, 60.0)]
)
def test_the_time_axis_has_room_for_its_labels(row_s: float, step: float) -> None:
    assert tick_step(row_s) == step


def test_clock() -> None:
    assert [clock(0), clock(59.7), clock(61.26, 1), clock(3725)] == ["0:00", "1:00", "1:01.3", "62:05"]
