from pathlib import Path

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.karaoke.styles.style import load_style, rgb, style_names


def test_the_included_styles_are_valid_and_differ() -> None:
    assert style_names() == ["clean", "paper", "stage"]
    assert len({load_style(name) for name in style_names()}) == 3
    for name in style_names():
        style = load_style(name)
        assert len({rgb(style.unsung), rgb(style.background), *map(rgb, style.sung)}) == 2 + len(style.sung)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lines = 9", "lines must be less than or equal to 4, not 9"),
        ('unsung = "nocolour"', "unsung is not valid: 'nocolour'"),
        ("colour = 1", "unknown setting 'colour'"),
        ("size = ", "not a TOML file"),
        ("sung = []", "sung"),
    ],
)
def test_a_wrong_style_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        load_style(str(path))


def test_an_own_style_keeps_the_defaults_and_an_unknown_one_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('background = "navy"\nlines = 3\n', "utf-8")
    assert load_style(str(path)).lines == 3
    with pytest.raises(UsageError, match="no style 'neon'") as raised:
        load_style("neon")
    assert "clean, paper, stage" in str(raised.value.hint)
