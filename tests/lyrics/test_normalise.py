"""Words of texts under the profiles of the normaliser."""

from __future__ import annotations

from time import process_time

import pytest

from lyricsrec.lyrics.languages import ALPHABETS
from lyricsrec.lyrics.normalise import (
    PROFILES,
    ProfileName,
    TextNormalizer,
    has_kana,
    normalized_words,
    romanize,
    tokenize,
)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("don’t", "DON'T"),
        ("‘cause", "'CAUSE"),
        ("Café,", "CAFE"),
        ("naïve", "NAIVE"),
        ("Straße", "STRASSE"),
        ("œuvre", "OEUVRE"),
        ("Ærøskøbing", "AEROSKOBING"),
        ("e\u0301", "E"),
        ("cra~zy", "CRAZY"),
        ("so\u00adft", "SOFT"),
        ("uh-huh", "UH HUH"),
        ("love—hate", "LOVE HATE"),
        ("rock'n'roll!", "ROCK'N'ROLL"),
        ("B.Y.O.B.", "BYOB"),
        ("I'm...", "I'M"),
        ("(yeah)", "YEAH"),
        ('"hello"', "HELLO"),
        ("''hello''", "HELLO"),
        ("'hello'", "HELLO"),
        ("'twas runnin' 'n' so", "'TWAS RUNNIN' N SO"),
        ("21", "TWENTY ONE"),
        ("1999", "NINETEEN NINETY NINE"),
        ("2005", "TWO THOUSAND AND FIVE"),
        ("80's", "EIGHTIES"),
        ("6s", "SIXES"),
        ("1st", "FIRST"),
        ("007", "ZERO ZERO SEVEN"),
        ("24/7", "TWENTY FOUR SEVEN"),
        ("4ever", "FOUR EVER"),
        ("10,000", "TEN THOUSAND"),
        ("3.5", "THREE POINT FIVE"),
        ("$5", "FIVE"),
        ("1234567890", "ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE ZERO"),
        ("~", ""),
        ("'", ""),
        ("&", ""),
        ("♪", ""),
        ("Я люблю", ""),
        ("君", ""),
        ("", ""),
    ],
)
def test_english_normalization(text: str, normalized: str) -> None:
    assert TextNormalizer().normalize(text) == normalized


@pytest.mark.parametrize(
    ("language", "text", "normalized"),
    [
        ("german", "Süße 21 Straßen", "SÜSSE EINUNDZWANZIG STRASSEN"),
        ("german", "1.000 Mal", "EINTAUSEND MAL"),
        ("french", "C’est à 2 cœurs", "C'EST À DEUX CŒURS"),
        ("spanish", "¡Óyeme, niño!", "ÓYEME NIÑO"),
        ("swedish", "Åh, café", "ÅH CAFE"),
    ],
)
def test_letters_of_other_languages_stay(language: str, text: str, normalized: str) -> None:
    assert TextNormalizer(ALPHABETS[language], language=language).normalize(text) == normalized


def test_case_and_numbers_in_a_language_that_num2words_does_not_know() -> None:
    assert TextNormalizer(case="lower").normalize("Hello 2U") == "hello two u"
    assert TextNormalizer(language="hausa").normalize("sannu 21") == "SANNU"
    assert TextNormalizer(language="amharic").normalize("21") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("So far away, from HOME!", ["so", "far", "away", "from", "home"]),
        ("Twenty-two — it’s time", ["twenty", "two", "it's", "time"]),
        ("'Cause rock 'n' roll, singin'", ["cause", "rock", "n", "roll", "singin"]),
        ("[Music] (laughs) la ♪ la", ["la", "la"]),
        ("café 99 Straße", ["café", "99", "straße"]),
        ("don`t snake_case", ["don't", "snake", "case"]),
        ("", []),
        ("... ' -", []),
    ],
)
def test_words_of_the_plain_profile(text: str, words: list[str]) -> None:
    assert normalized_words(text, "plain") == words


def test_profiles_count_the_words_of_a_contraction_differently() -> None:
    text = "[Chorus]\nDon't stop,\n(two) 2"
    assert {name: normalized_words(text, name) for name in PROFILES} == {
        "plain": ["don't", "stop", "2"],
        "short": ["CHORUS", "DON'T", "STOP", "TWO", "TWO"],
        "long": ["chorus", "don", "'t", "stop", "two", "2"],
    }


def test_rows_of_the_plain_profile_are_kept_where_a_remark_spans_them() -> None:
    assert [token.row for token in tokenize("a [x\ny] b\n\nc", "plain")] == [0, 1, 2]


@pytest.mark.parametrize("profile", ["plain", "short"])
@pytest.mark.parametrize("piece", ["(", "[", "'", "a", "a.", "(a", "é", "1 "])
def test_the_time_grows_with_the_length(profile: ProfileName, piece: str) -> None:
    times = []
    for length in (40_000, 400_000):
        begin = process_time()
        list(tokenize(piece * (length // len(piece)), profile))
        times.append(process_time() - begin)
    assert times[1] / max(times[0], 0.02) < 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Привет, мир", "privet, mir"),
        ("안녕하세요 세계", "annyeonghaseyo segye"),
        ("きょう ちょっと シャツ きって", "kyou chotto shatsu kitte"),
        ("きよう", "kiyou"),
        ("你好 世界", "nihao shijie"),
        ("Γειά σου", "geia soy"),
        ("שלום", "slvm"),
        ("Tシャツ", "tshatsu"),
        ("Ünïcode déjà ǅ ª don’t 21", "Ünïcode déjà ǅ ª don’t 21"),
        ("  a \n б ", "  a \n b "),
        ("", ""),
    ],
)
def test_letters_of_other_scripts_become_latin(text: str, expected: str) -> None:
    assert romanize(text) == expected


def test_letters_that_are_known_stay() -> None:
    assert romanize("Привет мир", "ПРИВЕТ") == "Привет mir"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("怪獣の花唄", "kaiju no hana uta"),
        ("僕らはきっと", "boku ra wa kitto"),
        ("東京へ行こう", "tokyo e iko"),
        ("Tシャツ 21", "t shatsu 21"),
    ],
)
def test_japanese_is_read_word_by_word(text: str, expected: str) -> None:
    pytest.importorskip("fugashi")
    assert has_kana(text)
    assert romanize(text, japanese=True) == expected


def test_japanese_without_a_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lyricsrec.lyrics.normalise._tagger", lambda: None)
    assert romanize("花の", japanese=True) == "huano"
    assert not has_kana("花")
