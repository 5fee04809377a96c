"""Lines of several voices."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.lyrics.voices import in_order, singers_named, singers_text


def line(text: str, start_s: float | None = None, end_s: float | None = None, *singers: str) -> Line:
    """A line whose first word has the start, and its last the end."""
    words = [Word(word, None, None) for word in text.split()]
    words[0] = Word(words[0].text, start_s, words[0].end_s)
    words[-1] = Word(words[-1].text, words[-1].start_s, end_s)
    return Line(tuple(words), singers=singers)


def spread(text: str, start_s: float, *singers: str) -> Line:
    """A line with a word of half a second every second."""
    words = (Word(word, start_s + i, start_s + i + 0.5) for i, word in enumerate(text.split()))
    return Line(tuple(words), singers=singers)


def test_lines_are_sorted_and_those_without_a_start_stay_behind_the_line_that_they_follow() -> None:
    lines = [line("no time"), line("c", 3.0), line("c again"), line("a", 1.0), line("b", 1.0), line("b again")]
    found = in_order(lines)
    assert [one.text for one in found.lines] == ["no time", "a", "b", "b again", "c", "c again"]
    assert found.numbers == ((0,), (3,), (4,), (5,), (1,), (2,))


def test_plain_lyrics_keep_their_order_and_repeated_lines() -> None:
    lines = [line("la"), line("b"), line("la"), line("la")]
    assert in_order(lines).lines == tuple(lines)
    assert in_order([]).lines == ()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("Both of us", 1.0, 3.0, "A"), line("both, of us!", 1.05, 3.0, "B")], [("Both of us", "A", "B")]),
        ([line("Both of us", 1.5, 3.5, "A"), line("Both of us", 1.0, 3.0, "B")], [("Both of us", "B", "A")]),
        ([line("Both of us", 1.0, 1.6, "A"), line("Both of us", 1.5, 2.1, "B")], [("Both of us", "A", "B")]),
        # An echo and a canon are sung twice.
        (
            [line("Hey", 1.0, 1.4, "A"), line("Hey", 1.5, 1.9, "B")],
            [("Hey", "A"), ("Hey", "B")],
        ),
        (
            [line("Are you sleeping", 1.0, 5.0, "A"), line("Are you sleeping", 3.0, 7.0, "B")],
            [("Are you sleeping", "A"), ("Are you sleeping", "B")],
        ),
        # Without ends the starts must be closer.
        ([line("oh no", 1.0, None, "A"), line("oh no", 1.25, None, "B")], [("oh no", "A", "B")]),
        ([line("oh no", 1.0, None, "A"), line("oh no", 1.5, None, "B")], [("oh no", "A"), ("oh no", "B")]),
        # Without singers, or by one singer, the same line is there twice.
        ([line("la la", 1.0, 2.0), line("la la", 1.0, 2.0)], [("la la",)]),
        ([line("la la", 1.0, 2.0), line("la la", 1.5, 2.5)], [("la la",), ("la la",)]),
        ([line("la la", 1.0, 2.0, "A"), line("la la", 1.4, 2.4, "A")], [("la la", "A"), ("la la", "A")]),
        ([line("la", 1.0, 2.0), line("la la", 1.0, 2.0)], [("la",), ("la la",)]),
    ],
)
def test_what_voices_sing_together_counts_once(lines: list[Line], expected: list[tuple[str, ...]]) -> None:
    assert [(one.text, *one.singers) for one in in_order(lines).lines] == expected


def test_lines_that_are_broken_elsewhere_and_parts_of_lines_count_once() -> None:
    lines = [
        spread("Both of us", 1.0, "Ann"),
        spread("for ever", 4.0, "Ann"),
        spread("both of us for ever", 1.1, "Bob"),
        spread("and more", 6.0, "Bob"),
        spread("more", 7.0, "Cyd"),
    ]
    found = in_order(lines)
    assert [(one.text, one.singers) for one in found.lines] == [
        ("both of us for ever", ("Ann", "Bob")),
        ("and more", ("Bob", "Cyd")),
    ]
    assert found.numbers == ((2, 0, 1), (3, 4))


def test_names_of_singers_as_one_text() -> None:
    assert singers_text(("Ann", "Bob")) == "Ann & Bob"
    assert singers_named(" Ann & Bob ") == ("Ann", "Bob")
    assert singers_named("R&B") == ("R&B",)
    assert singers_named(" ") == ()


def test_many_lines_at_the_same_time_take_little_time() -> None:
    lines = [line(f"la {i} " * 5, 1.0, 2.0, f"voice {i}") for i in range(3000)]
    begin = process_time()
    assert len(in_order(lines).lines) == 3000
    assert process_time() - begin < 5


TEXTS = st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map(" ".join)
TIMES = st.none() | st.integers(0, 8).map(float)
SUNG = st.builds(line, TEXTS, TIMES, TIMES, st.sampled_from("AB"))


@given(st.lists(SUNG, max_size=8))
def test_every_line_is_kept_or_part_of_another(lines: list[Line]) -> None:
    found = in_order(lines)
    assert sorted(number for numbers in found.numbers for number in numbers) == list(range(len(lines)))
    starts = [one.start_s for one in found.lines if one.start_s is not None]
    assert starts == sorted(starts)
    for one, numbers in zip(found.lines, found.numbers, strict=True):
        assert one.words == lines[numbers[0]].words
        assert set(one.singers) >= {name for number in numbers for name in lines[number].singers}
