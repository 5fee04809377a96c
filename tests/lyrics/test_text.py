import pytest

from lyricsrec.lyrics.normalise import ends_clause, ends_sentence, plain_words


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
def test_plain_words(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


@pytest.mark.parametrize(
    ("word", "sentence", "clause"),
    [
        ("home.", True, False),
        ("home!”", True, False),
        ("Mr.", False, False),
        ("well,", False, True),
        ("so", False, False),
    ],
)
def test_ends(word: str, sentence: bool, clause: bool) -> None:
    assert (ends_sentence(word), ends_clause(word)) == (sentence, clause)
