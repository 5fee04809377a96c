"""Labels that mark silence."""

from __future__ import annotations

import pytest

from lyricsrec.formats.base import Label
from lyricsrec.formats.silences import is_silent


@pytest.mark.parametrize(
    "label",
    [
        *("", " ", "...", "♪", "sil", "SIL", " sil ", "sp", "!ENTER", "</s>", "<eps>", "spn", "<unk>", "<p:>", "<usb>"),
        *("AP", "SP", "<AP>", "pau", "br", "h#", "<spn>", "[noise]", "{BR}", "{LG}"),
    ],
)
def test_silences(label: str) -> None:
    assert is_silent(label)
    assert Label(0.0, 1.0, label).words == ()


@pytest.mark.parametrize("label", ["so", "spin", "ap", "BR", "silence", "<away>", "[Ann]", "99", "ä", "no pau"])
def test_words(label: str) -> None:
    assert not is_silent(label)
