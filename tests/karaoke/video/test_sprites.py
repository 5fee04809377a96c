import pytest
from helpers.karaoke import line, transcript

from lyricsrec.karaoke.layout.lines import SungWord, Syllable
from lyricsrec.karaoke.styles.fonts import find_font
from lyricsrec.karaoke.styles.style import Style, load_style, style_names
from lyricsrec.karaoke.video.sprites import Lit, Stage, lit_of
from lyricsrec.karaoke.video.text import Span

WORD = SungWord(1.0, 2.0, "morning", syllables=(Syllable(1.0, 1.4, 0.5), Syllable(1.6, 2.0, 1.0)))


def lit(span: Span, time_s: float) -> list[tuple[int, int]]:
    return [part.columns(time_s) for part in lit_of(WORD, span)]


@pytest.mark.parametrize(
    ("time_s", "ltr", "rtl"),
    [
        (0.9, [(0, 0), (0, 0)], [(0, 0), (0, 0)]),
        (1.2, [(0, 20), (0, 0)], [(60, 80), (0, 0)]),
        (1.5, [(0, 40), (0, 0)], [(40, 80), (0, 0)]),
        (1.8, [(0, 40), (40, 60)], [(40, 80), (20, 40)]),
        (9.0, [(0, 40), (40, 80)], [(40, 80), (0, 40)]),
    ],
)
def test_syllables_fill_one_after_another(
    time_s: float, ltr: list[tuple[int, int]], rtl: list[tuple[int, int]]
) -> None:
    assert lit(Span(0, 80), time_s) == ltr
    assert lit(Span(0, 80, is_rtl=True), time_s) == rtl


def test_what_takes_no_time_is_lit_at_once() -> None:
    dot = Lit(2, 10, start_s=1.0, end_s=1.0)
    assert dot.columns(0.99) == (0, 0)
    assert dot.columns(1.0) == (2, 10)


@pytest.mark.parametrize(
    "style", [*map(load_style, style_names()), Style(size=0.2, lines=4)], ids=[*style_names(), "large"]
)
@pytest.mark.parametrize("size", [(640, 360), (240, 320)])
def test_every_sprite_lies_inside_the_margins(style: Style, size: tuple[int, int]) -> None:
    width, height = size
    stage = Stage(style, find_font(None), width, height)
    words = "Ångström jumps quickly over Wolverhampton and Llanfairpwllgwyngyllgogerychwyrndrobwll"
    lines = [line(words, 10 + 3 * i, 13 + 3 * i, ["Ann", "Bob"][i % 2 :]) for i in range(4)]
    seconds = [line("a translation of it", 10 + 3 * i, 13 + 3 * i, role="translation") for i in range(4)]
    show = stage.show_of(transcript(*[one for pair in zip(lines, seconds, strict=True) for one in pair]), 40.0)
    sprites = [draw() for _, draw in stage.sprites(show, ["A title that is rather long for a card", "Artist"])]
    assert len(sprites) > 12
    for sprite in sprites:
        layer = sprite.plain
        assert layer.x >= 2 * round(style.margin * width / 2) - 1
        assert layer.x + layer.width <= width - 2 * round(style.margin * width / 2) + 1
        assert layer.y >= 0
        assert layer.y + layer.height <= height
