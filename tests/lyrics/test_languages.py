"""Names and codes of languages."""

from __future__ import annotations

import pytest

from lyricsrec.lyrics.languages import ALPHABETS, language_code, language_name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("English", "english"),
        ("Englisch", "english"),
        ("en", "english"),
        ("deu", "german"),
        ("ja", "japanese"),
        ("slovenian", "slovene"),
        ("mix", "mix"),
        ("English, German", "english"),
        ("klingon", "klingon"),
        ("None", None),
        ("", None),
        (None, None),
    ],
)
def test_names_of_languages(label: str | None, name: str | None) -> None:
    assert language_name(label) == name


def test_codes_of_languages() -> None:
    assert language_code("german") == "de"
    assert language_code("hausa") == "ha"
    assert language_code("klingon") is None
    assert set(ALPHABETS) <= {name for name in ALPHABETS if language_code(name)}
