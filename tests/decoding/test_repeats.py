"""Passages of a song that are sung again, found by hand."""

from __future__ import annotations

import pytest

from lyricsrec.decoding.voting.repeats import retold
from lyricsrec.decoding.voting.vote import vote


def test_a_chorus_is_told_in_the_words_of_the_other_places() -> None:
    texts = [
        "Verse one. Code monkey like you, code monkey like you a lot",
        "Now cold monkey like you, code monkey like you a lot too",
        "something else entirely",
    ]
    assert retold(texts, 5.0) == [
        ["Verse one. cold monkey like you, code monkey like you a lot"],
        ["Now Code monkey like you, code monkey like you a lot too"],
        [],
    ]


def test_similar_words_stand_for_each_other() -> None:
    assert retold(["we will sail the northern sea", "we will sale the northern sea"], 5.0) == [
        ["we will sale the northern sea"],
        ["we will sail the northern sea"],
    ]


@pytest.mark.parametrize(
    "texts",
    [
        ["on the run", "on the run"],  # too short
        ["on the run again and again", "nothing like the other line at all"],
        ["only one text of many words"],
        ["", "on the run again and again"],
        ["\u2014 ...", "on the run again and again"],
        [],
    ],
)
def test_what_is_not_sung_again_has_no_other_version(texts: list[str]) -> None:
    assert retold(texts, 5.0) == [[] for _ in texts]


def test_two_repeats_correct_a_word_that_was_read_wrong_once() -> None:
    texts = ["we will sail the northern sea", "we will sail the northern sea", "we will fail the northern sea"]
    words = vote([(1.0, texts[2]), *((0.7, text) for text in retold(texts, 5.0)[2])])
    assert " ".join(word.text for word in words) == texts[0]
