"""Words in syllables: a table of words, joined they are the word again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyricsrec.lyrics.music.syllables import syllables

ENGLISH = (
    "a|way heav|en beau|ti|ful ev|ery|thing a|ny|more. lit|tle peo|ple time times loved want|ed chan|ges Y|ou "
    "you're don't did|n't There's to|night Christ|mas, A|mer|i|ca Twen|ty-|one go|ing some|one oh ... 'cause "
    "your|self be|ing prom|i|ses"
).replace("Y|ou", "You")


@pytest.mark.parametrize("expected", ENGLISH.split())
def test_english_words(expected: str) -> None:
    assert "|".join(syllables(expected.replace("|", ""))) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("german", "Lie|bes|lied"),
        ("es", "can|ción"),
        ("fr", "ché|rie"),
        ("russian", "лю|бовь"),
        ("japanese", "さ|く|ら"),
        ("ja", "ちょっ|と"),
        ("tl", "lu|mi|pad"),
    ],
)
def test_other_languages(language: str, expected: str) -> None:
    assert "|".join(syllables(expected.replace("|", ""), language)) == expected


@given(st.text(max_size=12), st.sampled_from([None, "en", "german", "ja", "klingon"]))
def test_joined_syllables_are_the_word(word: str, language: str | None) -> None:
    assert "".join(syllables(word, language)) == word
