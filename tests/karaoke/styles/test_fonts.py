from pathlib import Path

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.karaoke.styles.fonts import check_glyphs, find_font, needs_shaping


def test_the_default_font_comes_with_matplotlib() -> None:
    assert find_font(None).name == "DejaVuSans-Bold.ttf"
    assert find_font(None, bold=False).name == "DejaVuSans.ttf"
    assert find_font(str(find_font(None))) == find_font(None)


def test_fonts_that_are_not_there_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        find_font(str(tmp_path / "gone.ttf"))
    with pytest.raises(UsageError, match="no font of this name"):
        find_font("Surely Not Installed")
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    with pytest.raises(UsageError, match="not a font"):
        find_font(str(broken))


def test_missing_letters_are_an_error_that_names_their_script_and_missing_symbols_are_returned() -> None:
    font = find_font(None)
    with pytest.raises(UsageError, match=r"DejaVuSans-Bold.ttf has no Chinese characters \(Han\), Hiragana \(愛 の\)"):
        check_glyphs(font, ["愛の"])
    assert check_glyphs(font, ["Ω Привет مرحبا\u200d ♪"]) == ""
    assert check_glyphs(font, ["so \U0001fa77"]) == "\U0001fa77"


def test_scripts_that_need_shaping() -> None:
    assert needs_shaping(["hello", "Привет"]) == []
    assert needs_shaping(["مرحبا", "ไทย"]) == ["Arabic", "Thai"]
