"""The compiled search over a language model's words, and unknown words where the emission favours them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.tiny_language import LABELS, LM, VOCABULARY, ambiguous, emission
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.emission import Emission
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search.lexicon import LexiconDecoder
from lyricsrec.decoding.settings import DecodeConfig

SENTENCE = "C-A-T|H-E-R-E"


@pytest.fixture(scope="module")
def arpa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lm") / "lm.arpa"
    path.write_text(LM)
    return path


@pytest.fixture(scope="module")
def config(arpa: Path) -> DecodeConfig:
    return DecodeConfig(20, arpa, alpha=0.5, beta=0.0)


@pytest.fixture(scope="module")
def decoder(config: DecodeConfig) -> Decoder:
    found = make_decoder(VOCABULARY, config)
    assert type(found) is LexiconDecoder
    return found


def read(decoder: Decoder, source: Emission) -> str:
    return " ".join(word.text for word in decoder.decode(source))


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ("CAT", "cat"),
        ("CAT|", "cat"),
        ("|CAT|HERE|", "cat here"),
        ("--C-AA-T-||-HEE-RR-E--", "cat here"),
        ("CAT||||||||HERE", "cat here"),
        ("CAT" + "-" * 300 + "|HERE", "cat here"),
        ("CAR|CAR|CAR", "car car car"),
        ("-----", ""),
        ("|||", ""),
    ],
)
def test_words(decoder: Decoder, frames: str, text: str) -> None:
    assert read(decoder, emission(frames)) == text


def test_times_and_confidence_come_from_the_emission(decoder: Decoder) -> None:
    first, second = decoder.decode(emission("--C-AA-T-" + "-" * 100 + "|-HEE-RR-E--"))
    assert (first.start_s, first.end_s) == (pytest.approx(10.2), pytest.approx(10.8))
    assert (second.start_s, second.end_s) == (pytest.approx(21.1), pytest.approx(21.9))
    assert first.confidence == pytest.approx(0.98, abs=1e-3)


def test_unknown_words_are_possible(config: DecodeConfig) -> None:
    source = emission("C-A-T|R-O-T-H|H-E-R-E", certainty=0.9999)
    assert read(make_decoder(VOCABULARY, config), source) == "cat roth here"
    dear = make_decoder(VOCABULARY, replace(config, unknown_price=60.0))
    assert "roth" not in read(dear, source)
    # When the sound is unsure, the known word stays.
    assert read(make_decoder(VOCABULARY, config), ambiguous()) == "cat here"


def test_hypotheses_are_sorted_by_score(decoder: Decoder) -> None:
    hypotheses = decoder.hypotheses(ambiguous(), 5)
    assert [hypothesis.text for hypothesis in hypotheses][:2] == ["cat here", "car here"]
    assert len({hypothesis.text for hypothesis in hypotheses}) == len(hypotheses)
    scores = [hypothesis.score for hypothesis in hypotheses]
    assert scores == sorted(scores, reverse=True)
    # P(T) / P(R), and the bigrams "<s> cat here" against "<s> car", back off from it, "here".
    language = 0.5 * np.log(10) * ((-0.2 - 0.2) - (-2.5 - 0.3 - 1.0))
    assert scores[0] - scores[1] == pytest.approx(np.log(0.40 / 0.55) + language, abs=0.05)


def test_both_searches_agree_on_peaked_input(config: DecodeConfig, decoder: Decoder) -> None:
    prefix = make_decoder(VOCABULARY, replace(config, search="prefix"))
    rng = np.random.default_rng(0)
    for _ in range(20):
        words = rng.choice(["cat", "car", "here"], 5)
        frames = "".join(f"{c}{'-' * rng.integers(1, 4)}" for c in "|".join(words).upper())
        source = emission(frames, certainty=float(rng.uniform(0.9, 0.98)))
        assert read(decoder, source) == read(prefix, source) == " ".join(words)


def test_words_that_pyctcdecode_prunes_too_early_are_found(decoder: Decoder) -> None:
    source = emission("H---E--R---E--|---C---A-T--|--C-A--T--|--H---E---R--E---|---C--A--T-", certainty=0.848)
    assert read(decoder, source) == "here cat cat here cat"


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_the_case_of_the_model_does_not_matter(tmp_path: Path, config: DecodeConfig, change: object) -> None:
    path = tmp_path / "case.arpa"
    path.write_text(LM.replace("car", change("car")).replace("cat", change("cat")).replace("here", change("here")))
    assert read(make_decoder(VOCABULARY, replace(config, lm=path)), ambiguous()) == "cat here"


@pytest.mark.parametrize("search", ["lexicon", "prefix"])
def test_words_are_in_the_case_of_the_recognizer(tmp_path: Path, config: DecodeConfig, search: str) -> None:
    lower = replace(VOCABULARY, labels=tuple(label.lower() for label in LABELS))
    source = Emission(emission(SENTENCE).log_probs, 0.1, 0.0, vocabulary=lower)
    path = tmp_path / "upper.arpa"
    path.write_text(LM.replace("car", "CAR").replace("cat", "CAT").replace("here", "HERE"))
    assert read(make_decoder(lower, replace(config, lm=path, search=search)), source) == "cat here"


def test_words_with_letters_outside_the_vocabulary_are_left_out(tmp_path: Path, config: DecodeConfig) -> None:
    path = tmp_path / "more.arpa"
    path.write_text(LM.replace("ngram 1=6", "ngram 1=7").replace("-1.0\there", "-0.1\tzebra\t0\n-1.0\there"))
    assert read(make_decoder(VOCABULARY, replace(config, lm=path)), emission(SENTENCE)) == "cat here"


def test_loading_a_model_is_silent(config: DecodeConfig, capfd: pytest.CaptureFixture[str]) -> None:
    for search in ("lexicon", "prefix"):
        make_decoder(VOCABULARY, replace(config, search=search))
    assert capfd.readouterr() == ("", "")


def test_an_emission_over_another_vocabulary_is_an_error(decoder: Decoder) -> None:
    vocabulary = replace(VOCABULARY, labels=LABELS[::-1], blank=14, space=11, unknown=12, special=(13,))
    with pytest.raises(ModelError, match="vocabulary"):
        decoder.decode(Emission(np.zeros((2, len(LABELS)), np.float32), 0.1, 0.0, vocabulary=vocabulary))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.floats(0.1, 20), st.integers(1, 3))
def test_words_of_any_emission_are_in_order_and_inside_it(
    decoder: Decoder, seed: int, frames: int, spread: float, count: int
) -> None:
    logits = np.random.default_rng(seed).normal(0, spread, (frames, len(LABELS))).astype(np.float32)
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    source = Emission(log_probs.astype(np.float32), 0.02, 5.0, vocabulary=VOCABULARY)
    hypotheses = decoder.hypotheses(source, count)
    assert len(hypotheses) <= count
    for hypothesis in hypotheses:
        times = [t for word in hypothesis.words for t in (word.start_s, word.end_s)]
        assert times == sorted(times)
        assert all(5.0 <= t <= 5.0 + frames * 0.02 + 1e-9 for t in times)
        assert all(0 <= word.confidence <= 1 and word.text for word in hypothesis.words)


def test_infinite_log_probabilities_are_handled(decoder: Decoder) -> None:
    sure = emission(SENTENCE)
    log_probs = np.where(sure.log_probs < -1, -np.inf, 0.0).astype(np.float32)
    assert read(decoder, Emission(log_probs, 0.1, 0.0, vocabulary=VOCABULARY)) == "cat here"
