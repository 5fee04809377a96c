from pathlib import Path

import pytest

from lyricsrec.karaoke.styles.fonts import find_font, has_shaping
from lyricsrec.karaoke.video.text import font_of, ink_of, is_right_to_left, row_of

FONT = find_font(None)


def lefts(text: str) -> list[int]:
    """The numbers of the words from left to right."""
    row = row_of(text.split(), font_of(FONT, 20))
    return sorted(range(len(row.texts)), key=lambda number: row.spans[number].left)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("one two three", [0, 1, 2]),
        ("שלום עולם יפה", [2, 1, 0]),
        ("שלום new york עולם", [3, 1, 2, 0]),
        ("say שלום now", [0, 1, 2]),
        ("שלום 22 עולם", [2, 1, 0]),
    ],
)
def test_words_stand_in_the_order_of_their_script(text: str, order: list[int]) -> None:
    assert lefts(text) == order


def test_words_do_not_overlap_and_chinese_has_no_spaces() -> None:
    font = font_of(FONT, 20)
    row = row_of(["a", "b"], font)
    assert row.spans[1].left - row.spans[0].right == pytest.approx(font.getlength(" "))
    assert row.width == row.spans[1].right
    together = row_of(["愛", "人"], font)
    assert together.spans[1].left == together.spans[0].right
    assert row_of([], font).width == 0


def test_the_direction_is_that_of_the_first_letter() -> None:
    assert is_right_to_left("«مرحبا» hello")
    assert not is_right_to_left("hello مرحبا")
    assert not is_right_to_left("123")


def test_ink_stays_inside_and_the_outline_is_wider() -> None:
    row = row_of(["Ågy"], font_of(FONT, 20))
    ink = ink_of(row, font_of(FONT, 20), 80, 40, at=(10, 25), outline=2)
    assert ink.letters.shape == ink.all.shape == (40, 80)
    assert (ink.all >= ink.letters).all()
    assert ink.all.sum() > 1.5 * ink.letters.sum()
    assert not ink.all[0].any()
    assert not ink.all[:, -1].any()


@pytest.mark.skipif(not has_shaping(), reason="Pillow without libraqm")
def test_arabic_letters_join(tmp_path: Path) -> None:
    font = font_of(FONT, 40)
    assert font.getlength("مرحبا") < 0.95 * sum(font.getlength(c) for c in "مرحبا")
