"""Lines that translate the line before them."""

from __future__ import annotations

import pytest

from lyricsrec.formats.karaoke.translations import with_translations
from lyricsrec.lyrics.transcript import Line, Word


def roles(*lines: tuple[float | None, str]) -> list[str | None]:
    return [line.role for line in with_translations([Line((Word(text, start_s, None),)) for start_s, text in lines])]


@pytest.mark.parametrize(
    "pair", [("far", "远"), ("夜の", "夜晚"), ("night", "ночь"), ("far", "멀리"), ("ночь", "νύχτα")]
)
def test_another_script_at_the_same_time_is_a_translation(pair: tuple[str, str]) -> None:
    assert roles((1.0, pair[0]), (1.0, pair[1]), (2.0, pair[0])) == [None, "translation", None]
    assert roles((1.0, pair[0]), (1.5, pair[1])) == [None, None]


def test_the_same_script_is_one_where_most_lines_come_in_twos() -> None:
    twos = [line for i in range(3) for line in ((float(i), f"far {i}"), (float(i), f"weit {i}"))]
    assert roles(*twos) == [None, "translation"] * 3
    assert roles(*twos[:4]) == [None] * 4
    assert roles(*twos, *((9.0 + i, "la") for i in range(3))) == [None] * 9
    assert roles((1.0, "夜の街"), (1.0, "yoru no machi"), (1.0, "夜晚的街")) == [None, "translation", "translation"]


def test_the_same_words_and_other_singers_are_none() -> None:
    assert roles((1.0, "far"), (1.0, "Far"), (None, "远")) == [None, None, None]
    duet = [Line((Word("far", 1.0, None),), singers=("A",)), Line((Word("远", 1.0, None),), singers=("B",))]
    assert [line.role for line in with_translations(duet)] == [None, None]
