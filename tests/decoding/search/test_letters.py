"""The compiled search without a language model: exact sums, exact cuts, and agreement with pyctcdecode."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from helpers.tiny_language import LABELS, VOCABULARY, ambiguous, emission

from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search import letters as letter_search
from lyricsrec.decoding.search.greedy import GreedyDecoder
from lyricsrec.decoding.search.letters import LetterDecoder
from lyricsrec.decoding.search.prefix import PrefixDecoder
from lyricsrec.decoding.settings import DecodeConfig

# Pyctcdecode writes unknown symbols down.
PLAIN = Vocabulary(("-", "|", *"ABCEHLORT"), 0, 1)


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return LetterDecoder(VOCABULARY, DecodeConfig(100))


def read(decoder: Decoder, source: Emission) -> str:
    return " ".join(word.text for word in decoder.decode(source))


def noisy(seed: int, frames: int, spread: float, vocabulary: Vocabulary = VOCABULARY) -> Emission:
    """Random log-probabilities: flat where `spread` is small, sure where it is large."""
    logits = np.random.default_rng(seed).normal(0, spread, (frames, len(vocabulary.labels)))
    log_probs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return Emission(log_probs.astype(np.float32), 0.02, 5.0, vocabulary=vocabulary)


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ("CAT", "cat"),
        ("|CAT|HERE|", "cat here"),
        ("--C-AA-T-||-HEE-RR-E--", "cat here"),
        ("TOO|TO-O|TO--O", "to too too"),
        ("T|-|-|O", "t o"),
        ("CAT" + "-" * 300 + "|HERE", "cat here"),
        ("-----", ""),
        ("|||", ""),
    ],
)
@pytest.mark.parametrize("certainty", [0.98, 0.9999])
def test_words(decoder: Decoder, frames: str, text: str, certainty: float) -> None:
    assert read(decoder, emission(frames, certainty=certainty)) == text


def test_the_score_is_the_sum_over_all_alignments() -> None:
    vocabulary = Vocabulary(("-", "|", "A", "B"), 0, 1)
    for seed in range(20):
        source = noisy(seed, 6, 2.0, vocabulary)
        sums: dict[str, float] = defaultdict(float)
        for path in itertools.product(range(4), repeat=6):
            labels = "".join(vocabulary.labels[a] for a, _ in itertools.groupby(path)).replace("-", "")
            sums[labels] += float(np.exp(source.log_probs[range(6), path].sum(dtype=np.float64)))
        best = sorted(sums.items(), key=lambda item: -item[1])
        # Of several label sequences with the same words, such as "A|B" and "A||B", the likeliest counts.
        expected: dict[str, float] = {}
        for labels, probability in best:
            expected.setdefault(" ".join(labels.lower().replace("|", " ").split()), np.log(probability))
        hypotheses = LetterDecoder(vocabulary, DecodeConfig(1000)).hypotheses(source, 5)
        assert [hypothesis.text for hypothesis in hypotheses] == list(expected)[:5]
        assert [hypothesis.score for hypothesis in hypotheses] == pytest.approx(list(expected.values())[:5], abs=0.01)


@pytest.mark.parametrize("spread", [3.0, 6.0, 12.0])
def test_cuts_at_certain_frames_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch, spread: float) -> None:
    decoder = LetterDecoder(PLAIN, DecodeConfig(500))
    emissions = [noisy(seed, 40, spread, PLAIN) for seed in range(12)]
    cut = [decoder.hypotheses(source, 1)[0] for source in emissions]
    monkeypatch.setattr(letter_search, "_CERTAIN", -1e-7)
    whole = [decoder.hypotheses(source, 1)[0] for source in emissions]
    assert [hypothesis.text for hypothesis in cut] == [hypothesis.text for hypothesis in whole]
    # A beam loses less of the sum in stretches.
    gained = [ours.score - other.score for ours, other in zip(cut, whole, strict=True)]
    assert min(gained) > -0.01
    assert np.median(gained) < 0.05


def test_hypotheses_are_sorted_by_score(decoder: Decoder) -> None:
    hypotheses = decoder.hypotheses(ambiguous(), 5)
    assert [hypothesis.text for hypothesis in hypotheses][:2] == ["car here", "cat here"]
    assert len({hypothesis.text for hypothesis in hypotheses}) == len(hypotheses) == 5
    scores = [hypothesis.score for hypothesis in hypotheses]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] - scores[1] == pytest.approx(np.log(0.55 / 0.40), abs=0.02)


def test_greedy_and_both_searches_agree_on_peaked_input(decoder: Decoder) -> None:
    prefix = PrefixDecoder(VOCABULARY, DecodeConfig(100))
    rng = np.random.default_rng(0)
    for _ in range(50):
        frames = "".join(rng.choice(list("-|ABCEHLOR"), 60, p=[0.3, 0.14, *[0.07] * 8]))
        source = emission(frames, certainty=float(rng.uniform(0.95, 0.99999)))
        assert decoder.decode(source) == GreedyDecoder().decode(source)
        assert read(decoder, source) == read(prefix, source)


@pytest.mark.parametrize(("spread", "same_best", "same_readings"), [(2.0, 27, 24), (4.0, 29, 29), (8.0, 30, 29)])
def test_it_agrees_with_pyctcdecode(spread: float, same_best: int, same_readings: int) -> None:
    decoders = [kind(PLAIN, DecodeConfig(100)) for kind in (LetterDecoder, PrefixDecoder)]
    best = hypotheses = 0
    for seed in range(30):
        source = noisy(seed, 30, spread, PLAIN)
        ours, theirs = ([r.text for r in d.hypotheses(source, 3)] for d in decoders)
        best += ours[0] == theirs[0]
        hypotheses += ours == theirs
    assert best >= same_best
    assert hypotheses >= same_readings


def test_word_pieces_and_their_times() -> None:
    pieces = Vocabulary(("<pad>", "▁ca", "▁he", "t", "r", "re"), 0, None)
    probs = np.full((9, 6), 0.004, np.float32)
    probs[np.arange(9), [0, 1, 0, 3, 0, 2, 2, 0, 5]] = 0.98
    source = Emission(np.log(probs), 0.1, 10.0, vocabulary=pieces)
    decoder = make_decoder(pieces, DecodeConfig(20))
    assert type(decoder) is LetterDecoder
    words = decoder.decode(source)
    assert [word.text for word in words] == ["cat", "here"]
    assert [word.start_s for word in words] == pytest.approx([10.1, 10.5])
    assert [word.end_s for word in words] == pytest.approx([10.4, 10.9])


def test_infinite_log_probabilities_are_handled(decoder: Decoder) -> None:
    sure = emission("C-A-T|H-E-R-E")
    log_probs = np.where(sure.log_probs < -1, -np.inf, 0.0).astype(np.float32)
    assert read(decoder, Emission(log_probs, 0.1, 0.0, vocabulary=VOCABULARY)) == "cat here"


def test_positions_of_symbols_do_not_matter(decoder: Decoder) -> None:
    order = np.random.default_rng(0).permutation(len(LABELS))
    where = {int(old): new for new, old in enumerate(order)}
    vocabulary = replace(
        VOCABULARY,
        labels=tuple(LABELS[i] for i in order),
        blank=where[0],
        space=where[3],
        unknown=where[2],
        special=(where[1],),
    )
    shuffled = LetterDecoder(vocabulary, DecodeConfig(100))
    for seed in range(10):
        source = noisy(seed, 40, 4.0)
        assert shuffled.decode(
            Emission(source.log_probs[:, order], 0.02, 5.0, vocabulary=vocabulary)
        ) == decoder.decode(source)
