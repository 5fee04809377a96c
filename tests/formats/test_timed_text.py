"""Words and rows of text with times inside."""

from __future__ import annotations

import pytest

from lyricsrec.formats.timed_text import ROW_END, joined, timed_rows, timed_words
from lyricsrec.lyrics.transcript import Word


def test_words_of_timed_pieces() -> None:
    # Two syllables, a pause, a word without a time of its own.
    assert timed_words(["Mon", "key ", " ", "get up"], [1.0, 1.5, 2.0, 3.0, 4.0]) == (
        Word("Monkey", 1.0, 2.0),
        Word("get", 3.0, None),
        Word("up", None, 4.0),
    )
    assert timed_words([" ", ""], [1.0, None, None]) == ()


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (["So", "far"], "So far"),
        (["愛", "し", "て", "る", "baby", "夜。", "ね"], "愛してる baby 夜。ね"),
        (["사랑", "해"], "사랑 해"),
        ([], ""),
    ],
)
def test_chinese_and_japanese_have_no_spaces(texts: list[str], written: str) -> None:
    assert joined(texts) == written


def test_each_character_of_chinese_and_japanese_keeps_its_time() -> None:
    assert timed_words(["愛", "し", "、", "てる ", "o", "h"], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) == (
        Word("愛", 1.0, 2.0),
        Word("し、", 2.0, 4.0),
        Word("てる", 4.0, 5.0),
        Word("oh", 5.0, 7.0),
    )


def test_rows_with_times_inside() -> None:
    assert timed_rows([f"So far{ROW_END}a", "way", f"{ROW_END}{ROW_END}home"], [1.0, 2.0, 3.0, 4.0]) == [
        (Word("So", 1.0, None), Word("far", None, None)),
        (Word("away", None, 3.0),),
        (Word("home", 3.0, 4.0),),
    ]
    assert timed_rows([f"So{ROW_END}", "far"], [1.0, 2.0, 3.0]) == [(Word("So", 1.0, 2.0),), (Word("far", 2.0, 3.0),)]
