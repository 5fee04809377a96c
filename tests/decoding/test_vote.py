"""The vote on words, against results by hand."""

from __future__ import annotations

import math

import pytest

from lyricsrec.decoding.voting.vote import VotedWord, shares_of_a_vote, vote, words_of


def voted(*texts: tuple[float, str]) -> str:
    return " ".join(word.text for word in vote(texts))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([(1.0, "one text alone")], "one text alone"),
        (
            [(0.5, "code monkey like you"), (0.3, "cold monkey like you"), (0.3, "cold monkey lie too")],
            "cold monkey like you",
        ),
        ([(0.4, "go go home"), (0.35, "go home"), (0.3, "go home now")], "go home"),
        ([(0.4, "go home"), (0.35, "we go home"), (0.3, "we go home")], "we go home"),
        ([(0.5, "a b"), (0.5, "a c")], "a b"),  # of equal words the first
        ([(0.5, "a b"), (0.5, "a")], "a b"),  # a word rather than a gap
        ([(1.0, "x"), (1.5, "")], ""),
        ([(1.0, "")], ""),
        ([], ""),
    ],
)
def test_each_word_is_chosen_by_the_weight_of_its_texts(texts: list[tuple[float, str]], expected: str) -> None:
    assert voted(*texts) == expected


def test_spelling_is_that_of_the_heaviest_text() -> None:
    assert vote([(0.3, "well, code -- monkey"), (0.5, "Well. Code monkey,")]) == [
        VotedWord("Well.", 1.0),
        VotedWord("Code", 1.0),
        VotedWord("monkey,", 1.0),
    ]


def test_a_word_knows_its_share_of_the_votes() -> None:
    shares = [word.share for word in vote([(0.6, "like you"), (0.4, "like two"), (0.2, "like")])]
    assert shares == pytest.approx([1.0, 0.5])


def test_words_are_compared_without_case_and_punctuation() -> None:
    assert words_of("Don't  STOP, \u2014 \u00c9t\u00e9!") == ("dont", "stop", "\u00e9t\u00e9")


def test_the_likeliest_texts_share_a_vote() -> None:
    assert shares_of_a_vote([-0.5, -0.5], 10.0) == [0.5, 0.5]
    assert shares_of_a_vote([-0.5, -0.5 - math.log(3) / 10], 10.0) == pytest.approx([0.75, 0.25])
