"""Words and their rows under the profiles `short` and `long`."""

from __future__ import annotations

import pytest
from alt_eval.tokenizer import LyricsTokenizer, tokens_as_words
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.lyrics.long_form import rich_tokens
from lyricsrec.lyrics.normalise import Token, tokenize
from lyricsrec.scoring.results import Protocol

LYRICS_TOKENIZER = LyricsTokenizer()
ROWS = st.sampled_from(
    [
        "so far",
        "It's me,",
        "(oh)",
        "♪",
        "♪ la ♪",
        "...",
        "½",
        "\u200b",
        "",
        " ",
        "\t",
        "no-one",
        "don’t",
        "你好",
        "21\r",
    ]
)


def keys(text: str, protocol: Protocol, language: str = "en") -> list[str]:
    return [token.key for token in tokenize(text, protocol, language)]


def test_short_form_is_upper_case_with_apostrophes_and_digits_in_words() -> None:
    assert keys("Don’t stop – 21 café's\n(B.Y.O.B.)", "short") == ["DON'T", "STOP", "TWENTY", "ONE", "CAFE'S", "BYOB"]
    assert keys("21", "short", "de") == ["EINUNDZWANZIG"]
    assert keys("21 שלום 你好", "short", "he") == []


def test_long_form_is_alt_eval_in_lower_case() -> None:
    assert tokenize("Don't Stop,\n(No-one)", "long", "en") == (
        Token("Don", "don", 0),
        Token("'t", "'t", 0),
        Token("Stop", "stop", 0),
        Token("No", "no", 1),
        Token("one", "one", 1),
    )


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("你好世界 AB12", "zh", ["你", "好", "世", "界", "ab12"]),
        ("こんにちは", "ja", ["こ", "ん", "に", "ち", "は"]),
        ("שלום עולם", "he", ["שלום", "עולם"]),
        ("مرحبا، بالعالم؟", "ar", ["مرحبا", "بالعالم"]),
        ("사랑해 너를", "ko", ["사랑해", "너를"]),
        ("Geht's gut?", "de", ["geht", "'s", "gut"]),
    ],
)
def test_scripts_of_all_kinds_have_words(text: str, language: str, words: list[str]) -> None:
    assert keys(text, "long", language) == words


@pytest.mark.parametrize("protocol", ["short", "long"])
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\nb", [0, 1]),
        ("a\r\n\r\nb\r\nc", [0, 1, 2]),
        ("\n\na\n \n \n b\n", [0, 1]),
        ("♪\na\n♪\n♪\nb", [1, 4]),
        ("a\n...\nb", [0, 2]),
        ("a\n½\n(¿?)\nb", [0, 3]),
        ("a b\n\n\n\n-\n\nc", [0, 0, 2]),
    ],
)
def test_rows_are_counted_whatever_is_in_them(protocol: Protocol, text: str, rows: list[int]) -> None:
    assert [token.row for token in tokenize(text, protocol, "en")] == rows


@given(st.lists(ROWS | st.text(max_size=6), max_size=8), st.sampled_from(["en", "fr", "de", "zh"]))
@settings(deadline=None, max_examples=300)
def test_every_word_is_one_of_its_row(rows: list[str], language: str) -> None:
    text = "\n".join(rows)
    filled = [row for row in text.split("\n") if row.strip()]
    for protocol in ("long", "short"):
        expected = [
            (token.text, number) for number, row in enumerate(filled) for token in tokenize(row, protocol, language)
        ]
        found = tokenize(text, protocol, language)
        assert [(token.text, token.row) for token in found] == expected


@given(
    st.text(st.sampled_from("aZé'’-\u0301ßñ яЯ אש 君がカー 사랑 ไท 12٣ ½ \n .(،、") | st.characters(), max_size=30),
    st.sampled_from(["en", "fr", "de", "ja"]),
)
@settings(deadline=None, max_examples=300)
def test_tokens_are_those_of_alt_eval(text: str, language: str) -> None:
    expected = LYRICS_TOKENIZER(text, language=language)
    assert rich_tokens(text, language) == tuple(expected)
    words = tokenize(text, "long", language)
    assert [word.text for word in words] == [token.text for token in tokens_as_words(expected)]
