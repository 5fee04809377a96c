"""Confidences by hand-made weights and evidence, and the weights that come with the package."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.lyrics.transcript import Word
from lyricsrec.recognition.base import WordEvidence
from lyricsrec.recognition.confidence import CLUES, SINGLE, VOTED, ConfidenceModel, RecognizedSong, load_confidence


def evidence(
    log_prob: float = -0.97, *, noise: float = -4.0, agreement: float = 1.0, sure: bool = True
) -> WordEvidence:
    return WordEvidence(log_prob, log_prob - noise, agreement, piece_log_prob=-0.5, piece_evidence=3.0, is_sure=sure)


def song(text: str, *each: WordEvidence, language: str | None = "en") -> RecognizedSong:
    words = [Word(word, i, i + 1, confidence=0.5) for i, word in enumerate(text.split())]
    return RecognizedSong(words, each or [evidence()] * len(words), language)


def clue(name: str, given: RecognizedSong) -> list[float]:
    return [round(float(value), 4) for value in CLUES[name](given)]


def test_clues_of_tokens() -> None:
    given = song("a b", evidence(-0.97, noise=-4.0), evidence(0.0, noise=-9.0, agreement=0.75, sure=False))
    assert clue("hesitation", given) == [0.0, round(math.log(0.03), 4)]
    assert clue("surprise", given) == [2.0, 3.0]
    assert clue("disagreement", given) == [0.0, 0.25]


def test_words_next_to_hesitations_are_less_likely_right() -> None:
    low, high = evidence(-0.97), evidence(0.03 - math.e)
    assert clue("hesitation", song("a b c d e", low, low, high, low, low)) == [0, 0, 1, 0, 0]
    assert clue("hesitation_around", song("a b c d e", low, low, high, low, low)) == [0.25, 0.25, 0, 0.25, 0.25]
    # At the ends, the outermost words count for the missing ones.
    assert clue("hesitation_around", song("a b c", high, low, low)) == [0.5, 0.5, 0.25]
    assert clue("hesitation_around", song("a", high)) == [1.0]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("On the run, far on the RUN on the road", [2, 2, 1, 0, 2, 2, 1, 2, 2, 0]),
        ("so so so", [1, 1, 1]),
        ("home", [0]),
    ],
)
def test_repeats_count_other_places_with_the_same_pair_of_words(text: str, others: list[int]) -> None:
    assert clue("repeats", song(text)) == [round(math.log(1 + n), 4) for n in others]


def test_letters_are_counted() -> None:
    assert clue("length", song("So far...")) == [round(math.log(n), 4) for n in (2.5, 3.5)]


def test_only_english_is_english() -> None:
    assert [clue("english", song("a", language=code)) for code in ("en", "de", None)] == [[1.0], [0.0], [0.0]]


def test_log_odds_are_weighted_clues() -> None:
    model = ConfidenceModel({"disagreement": -4.0, "english": 1.0}, 0.5, 0.7)
    given = song("a b", evidence(agreement=1.0), evidence(agreement=0.5))
    assert model.confidences(given) == [round(1 / (1 + math.exp(-1.5)), 3), round(1 / (1 + math.exp(0.5)), 3)]
    assert ConfidenceModel({}, math.log(4), 0.7).confidences(song("a b")) == [0.8, 0.8]


def test_no_word_is_certain() -> None:
    assert ConfidenceModel({}, 30.0, 0.7).confidences(song("a")) == [0.99]
    assert ConfidenceModel({}, -30.0, 0.7).confidences(song("a")) == [0.01]
    assert ConfidenceModel({"hesitation": 1.0}, 0.0, 0.7).confidences(song("")) == []


def test_the_stored_weights_have_the_expected_signs() -> None:
    model = load_confidence(VOTED)
    signs = {name: weight > 0 for name, weight in model.weights.items()}
    assert signs == {
        "hesitation": False,
        "hesitation_around": False,
        "surprise": True,
        "disagreement": False,
        "repeats": True,
        "length": False,
        "english": True,
    }
    assert 0.5 < model.unsure_below < 0.8
    sure, doubtful = evidence(-0.01, noise=-8.0), evidence(-1.5, noise=-5.0, agreement=0.5, sure=False)
    assert min(model.confidences(song("on the run", sure, sure, sure))) > 0.95
    assert max(model.confidences(song("on the run", doubtful, doubtful, doubtful))) < 0.5


def test_with_one_pass_the_tokens_count_for_more() -> None:
    single, voted = load_confidence(SINGLE), load_confidence(VOTED)
    # Only repeated lines vote, too.
    assert voted.weights["disagreement"] < single.weights["disagreement"] < 0
    assert single.weights["hesitation"] < voted.weights["hesitation"] < 0


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ("{", "not the weights of a confidence model"),
        ("[]", "not the weights of a confidence model"),
        (json.dumps({"weights": {}, "bias": 0}), "not the weights of a confidence model"),
        (json.dumps({"weights": {"mood": 1}, "bias": 0, "unsure_below": 0.5}), "unknown clues mood"),
    ],
)
def test_damaged_weights_are_named(tmp_path: Path, stored: str, message: str) -> None:
    (tmp_path / "weights.json").write_text(stored)
    with pytest.raises(ModelError, match=message):
        load_confidence(tmp_path / "weights.json")
