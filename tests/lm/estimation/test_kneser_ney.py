"""Counts and models beside those of lmplz, by hand, and by what must hold for every model."""

from __future__ import annotations

import gzip
import math
import random
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import kenlm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.lm.estimation.arpa import write_arpa
from lyricsrec.lm.estimation.counts import count_ngrams
from lyricsrec.lm.estimation.kneser_ney import FALLBACK_DISCOUNTS, ListedWords, NgramModel, adjusted_counts, estimate

DATA = Path(__file__).parents[2] / "data" / "lm"
HYMNS = [line.split() for line in (DATA / "hymns.txt").read_text().splitlines()]
VOCABULARY = (DATA / "vocabulary.txt").read_text().split()


def once(sentences: Iterable[Sequence[str]]) -> list[tuple[Sequence[str], int]]:
    return [(sentence, 1) for sentence in sentences]


def values(model: NgramModel) -> dict[str, tuple[float, float]]:
    """log10 probability and backoff by n-gram."""
    return {
        " ".join(model.words[i] for i in ids): (prob, backoff)
        for table in model.tables
        for ids, prob, backoff in zip(
            table.ids.tolist(), table.log10_probs.tolist(), table.log10_backoffs.tolist(), strict=True
        )
    }


def read_arpa(path: Path) -> dict[str, tuple[float, float]]:
    with gzip.open(path, "rt") as file:
        lines = [line.rstrip("\n").split("\t") for line in file]
    return {line[1]: (float(line[0]), float(line[2]) if len(line) == 3 else 0.0) for line in lines if len(line) > 1}


def same_tables(one: NgramModel, other: NgramModel) -> bool:
    return one.words == other.words and all(
        np.array_equal(a.ids, b.ids)
        and np.array_equal(a.log10_probs, b.log10_probs)
        and np.array_equal(a.log10_backoffs, b.log10_backoffs)
        for a, b in zip(one.tables, other.tables, strict=True)
    )


def sums(model: NgramModel, contexts: Iterable[Sequence[str]]) -> list[float]:
    """What KenLM's probabilities of all words but <s> add up to after each context, which may begin with <s>."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.arpa"
        with path.open("wb") as file:
            write_arpa(model, file)
        scorer = kenlm.Model(str(path))
    found = []
    for context in contexts:
        state, after = kenlm.State(), kenlm.State()
        if context[:1] == ("<s>",):
            scorer.BeginSentenceWrite(state)
        else:
            scorer.NullContextWrite(state)
        for word in context:
            if word != "<s>":
                scorer.BaseScore(state, word, after)
                state, after = after, state
        found.append(sum(10 ** scorer.BaseScore(state, word, after) for word in model.words if word != "<s>"))
    return found


@pytest.mark.parametrize(
    ("name", "sentences", "counting", "estimating", "sizes"),
    [
        ("order3", HYMNS, {"order": 3}, {}, [1237, 3953, 4367]),
        ("order5", HYMNS, {"order": 5}, {}, [1237, 3953, 4367, 4022, 3593]),
        ("prune001", HYMNS, {"order": 3}, {"prune": (0, 0, 1)}, [1237, 3953, 189]),
        ("prune112", HYMNS, {"order": 3}, {"prune": (1, 1, 2)}, [506, 538, 37]),
        ("vocabulary", HYMNS, {"order": 3, "vocabulary": VOCABULARY}, {}, [298, 1924, 1870]),
        ("fallback", HYMNS[:5], {"order": 3}, {"fallback": FALLBACK_DISCOUNTS}, [36, 49, 47]),
    ],
)
def test_models_equal_those_of_lmplz(
    name: str, sentences: list[list[str]], counting: dict[str, Any], estimating: dict[str, Any], sizes: list[int]
) -> None:
    model = estimate(count_ngrams(once(sentences), **counting), **estimating)
    expected = read_arpa(DATA / f"{name}.arpa.gz")
    found = values(model)
    assert [len(table.ids) for table in model.tables] == sizes
    assert found.keys() == expected.keys()
    assert len(found) == sum(sizes)
    keys = list(expected)
    # lmplz computes and prints 32-bit floats.
    np.testing.assert_allclose([found[k] for k in keys], [expected[k] for k in keys], rtol=0, atol=2e-6)


def test_discounts_of_hymns_are_those_that_lmplz_reports() -> None:
    model = estimate(count_ngrams(once(HYMNS), 3))
    expected = [(0.659794, 1.18026, 1.55167), (0.862899, 1.22061, 1.89056), (0.932173, 1.54005, 2.7017)]
    np.testing.assert_allclose(model.discounts, expected, rtol=1e-5)


def test_counts_of_two_sentences() -> None:
    counts = count_ngrams([(["B", "A", "B", "A"], 1), (["A"], 3)], 2)
    assert counts.words == ("<unk>", "<s>", "</s>", "A", "B")
    unigrams, bigrams = counts.orders
    assert unigrams.raw.tolist() == [0, 0, 4, 5, 2]
    found = {
        (counts.words[c], counts.words[w]): n
        for c, w, n in zip(bigrams.context.tolist(), bigrams.word.tolist(), bigrams.raw.tolist(), strict=True)
    }
    assert found == {("<s>", "A"): 3, ("<s>", "B"): 1, ("A", "B"): 1, ("A", "</s>"): 4, ("B", "A"): 2}
    assert [a.tolist() for a in adjusted_counts(counts)] == [[0, 0, 1, 2, 2], [3, 1, 4, 1, 2]]


def test_adjusted_counts_of_sentence_beginnings_are_raw() -> None:
    counts = count_ngrams([(["A", "B"], 5), (["C", "A", "B"], 1)], 3)
    bigrams = counts.orders[1]
    found = {
        (counts.words[c], counts.words[w]): n
        for c, w, n in zip(bigrams.context, bigrams.word, adjusted_counts(counts)[1].tolist(), strict=True)
    }
    assert found == {("<s>", "A"): 5, ("<s>", "C"): 1, ("C", "A"): 1, ("A", "B"): 2, ("B", "</s>"): 1}


def test_one_word() -> None:
    # By hand: each unigram has 1 - 0.5 of 2, and the freed half is shared by <unk>, </s> and A.
    model = estimate(count_ngrams([(["A"], 1)], 2), fallback=(0.5, 1.0, 1.5))
    unigram, half = 5 / 12, math.log10(0.5)
    expected = {
        "<unk>": (math.log10(1 / 6), 0.0),
        "<s>": (0.0, half),
        "</s>": (math.log10(unigram), 0.0),
        "A": (math.log10(unigram), half),
        "<s> A": (math.log10(0.5 + 0.5 * unigram), 0.0),
        "A </s>": (math.log10(0.5 + 0.5 * unigram), 0.0),
    }
    found = values(model)
    assert found.keys() == expected.keys()
    for ngram, pair in expected.items():
        assert found[ngram] == pytest.approx(pair, abs=1e-12), ngram


def test_unigrams_alone() -> None:
    model = estimate(count_ngrams([(["A", "A"], 1)], 1), fallback=(0.5, 1.0, 1.5))
    # By hand: </s> counts 1 and A 2, so that 0.5 and 1 of 3 are freed and shared by three.
    expected = {"<unk>": 1 / 6, "<s>": 1.0, "</s>": 0.5 / 3 + 1 / 6, "A": 1 / 3 + 1 / 6}
    assert {k: 10**p for k, (p, _) in values(model).items()} == pytest.approx(expected)
    assert model.tables[0].log10_backoffs.tolist() == [0.0] * 4


def test_listed_words() -> None:
    # By hand: without the list, </s> and A have 0.25 of the unigrams and an eighth more each, <unk> and B the eighth.
    # Of all but </s>, 0.625, the list takes half: 1 part for A, 3 for B.
    counts = count_ngrams([(["A"], 1)], 2, listed=["A", "B"])
    model = estimate(counts, fallback=(0.5, 1.0, 1.5), listed=ListedWords({"A": 2, "B": 6}, 0.5))
    a, b = 0.375 / 2 + 0.625 / 2 * 0.25, 0.125 / 2 + 0.625 / 2 * 0.75
    expected = {"<unk>": 0.0625, "<s>": 1.0, "</s>": 0.375, "A": a, "B": b, "<s> A": 0.5 + a / 2, "A </s>": 0.6875}
    assert {k: 10**p for k, (p, _) in values(model).items()} == pytest.approx(expected)
    assert sums(model, [(), ("<s>",), ("A",), ("B",), ("<unk>",)]) == pytest.approx([1.0] * 5, abs=1e-6)


def test_listed_words_of_hymns() -> None:
    listed = ListedWords({"THE": 5, "TELEVISION": 2, "LORD": 1}, 0.3)
    plain = estimate(count_ngrams(once(HYMNS), 3, min_count=3), (1, 1, 2))
    model = estimate(count_ngrams(once(HYMNS), 3, min_count=3, listed=listed.frequencies), (1, 1, 2), listed=listed)
    assert set(model.words) == {*plain.words, "TELEVISION"}
    seen = [(), ("<s>",), ("<s>", "AND"), ("THE", "LORD"), ("TELEVISION",), ("THE", "TELEVISION"), ("ZYX",)]
    assert sums(model, seen) == pytest.approx([1.0] * 7, abs=1e-4)
    assert values(model)["</s>"][0] == pytest.approx(values(plain)["</s>"][0], abs=1e-3)
    assert values(model)["TELEVISION"][0] > values(model)["<unk>"][0] + 1


def test_a_share_of_nothing_changes_nothing() -> None:
    counts = count_ngrams(once(HYMNS), 3)
    assert same_tables(estimate(counts), estimate(counts, listed=ListedWords({"LORD": 1.0}, 0.0)))


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (ListedWords({"B": 1}, 0.5), "must be counted"),
        (ListedWords({"A": 1}, 1.0), "a share from 0 to below 1"),
        (ListedWords({"A": 2, "B": -1}, 0.5), "frequencies above 0"),
        (ListedWords({}, 0.5), "frequencies above 0"),
    ],
)
def test_bad_lists(listed: ListedWords, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(count_ngrams([(["A"], 1)], 2), fallback=FALLBACK_DISCOUNTS, listed=listed)


def test_empty_sentences_count_as_beginning_and_end() -> None:
    # The probabilities of `echo | lmplz -o 3 --discount_fallback`, which has no trigram.
    found = values(estimate(count_ngrams([([], 1)], 2), fallback=FALLBACK_DISCOUNTS))
    assert found["<unk>"] == pytest.approx((-0.60206, 0.0), abs=1e-6)
    assert found["<s>"] == pytest.approx((0.0, -0.30103), abs=1e-6)
    assert found["</s>"] == pytest.approx((-0.12493875, 0.0), abs=1e-6)
    assert found["<s> </s>"] == pytest.approx((-0.057991948, 0.0), abs=1e-6)


def test_zero_probabilities_are_minus_99() -> None:
    model = estimate(count_ngrams([(["A"], 1)], 2), fallback=(0.0, 0.0, 0.0))
    assert values(model)["<unk>"] == (-99.0, 0.0)
    assert values(model)["<s>"] == (0.0, -99.0)


def test_weights_repeat_sentences() -> None:
    weighted = [(line, 1 + number % 3) for number, line in enumerate(HYMNS)]
    repeated = [(line, 1) for line, weight in weighted for _ in range(weight)]
    model = estimate(count_ngrams(weighted, 3))
    assert same_tables(model, estimate(count_ngrams(repeated, 3)))
    assert not same_tables(model, estimate(count_ngrams(once(HYMNS), 3)))


def test_order_of_sentences_does_not_matter() -> None:
    shuffled = random.Random(7).sample(HYMNS, len(HYMNS))
    assert same_tables(estimate(count_ngrams(once(HYMNS), 4)), estimate(count_ngrams(once(shuffled), 4)))


def test_min_count_is_the_vocabulary_of_such_words() -> None:
    by_count = estimate(count_ngrams(once(HYMNS), 3, min_count=3))
    assert set(by_count.words) == {"<unk>", "<s>", "</s>", *VOCABULARY}
    assert same_tables(by_count, estimate(count_ngrams(once(HYMNS), 3, vocabulary=VOCABULARY)))


def test_both_limits_apply() -> None:
    counts = count_ngrams([(["A", "B", "B", "C", "C"], 1)], 2, min_count=2, vocabulary=["A", "B", "UNHEARD"])
    model = estimate(counts, fallback=FALLBACK_DISCOUNTS)
    assert model.words == ("<unk>", "<s>", "</s>", "B")
    assert list(values(model)) == ["<unk>", "<s>", "</s>", "B", "B B"]


def test_weights_count_for_min_count() -> None:
    counts = count_ngrams([(["A"], 2), (["B"], 1)], 1, min_count=2)
    assert [word for word, keep in zip(counts.words, counts.kept, strict=True) if keep] == ["<unk>", "<s>", "</s>", "A"]


def test_last_threshold_stands_for_higher_orders() -> None:
    counts = count_ngrams(once(HYMNS), 4)
    assert same_tables(estimate(counts, (0, 1)), estimate(counts, (0, 1, 1, 1)))


@pytest.mark.parametrize("estimating", [{}, {"prune": (0, 0, 1)}, {"prune": (1, 1, 2)}])
@pytest.mark.parametrize("counting", [{}, {"vocabulary": VOCABULARY}])
def test_probabilities_of_hymns_sum_to_one(counting: dict[str, Any], estimating: dict[str, Any]) -> None:
    model = estimate(count_ngrams(once(HYMNS), 3, **counting), **estimating)
    seen = [("<s>",), ("<s>", "AND"), ("THE", "LORD"), ("OF", "THE"), ("KING",), ()]
    unseen = [("THE", "THE"), ("AND", "ZYX"), ("ZYX",), ("<s>", "ZYX")]
    assert sums(model, seen + unseen) == pytest.approx([1.0] * 10, abs=1e-4)


words = st.sampled_from(["A", "B", "C", "É'"])
texts = st.lists(st.tuples(st.lists(words, max_size=6), st.integers(1, 4)), max_size=6)


@settings(deadline=None, max_examples=60)
@given(
    texts,
    st.integers(2, 4),
    st.lists(st.integers(0, 2), max_size=2).map(sorted),
    st.sampled_from([None, ["A", "B"]]),
)
def test_probabilities_of_any_text_sum_to_one(
    text: list[tuple[list[str], int]], order: int, prune: list[int], vocabulary: list[str] | None
) -> None:
    # Sentences of any length, one of them long enough for an n-gram of every order.
    counts = count_ngrams([*text, (["A", "B", "C"], 1)], order, vocabulary=vocabulary)
    model = estimate(counts, prune, fallback=FALLBACK_DISCOUNTS)
    letters = ["A", "B", "É'", "<unk>"]
    contexts = [(), ("<s>",), *[("<s>", a) for a in letters], *[(a, b) for a in letters for b in letters]]
    assert sums(model, contexts) == pytest.approx([1.0] * len(contexts), abs=1e-5)


@pytest.mark.parametrize(
    ("sentences", "order", "message"),
    [
        ([], 3, "at least one sentence"),
        ([(["A"], 1)], 0, "at least one word"),
        ([(["A"], 0)], 2, "counts at least once, not 0 times"),
        ([(["A"], 1)], 4, "No sentence has an n-gram of order 4"),
        ([(["A", "<unk>"], 1)], 2, "cannot be words"),
        ([(["A", "</s>", "B"], 1)], 2, "cannot be words"),
        ([(["A B"], 1)], 2, "unlike 'A B'"),
        ([(["A", ""], 1)], 2, "unlike ''"),
        ([("AMEN", 1)], 2, "not a string: 'AMEN'"),
    ],
)
def test_bad_texts(sentences: list[tuple[Sequence[str], int]], order: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        count_ngrams(sentences, order)


@pytest.mark.parametrize(
    ("prune", "fallback", "message"),
    [
        ((), None, "too small or too repetitive to estimate discounts of order 1: 2, 0, 0 and 0"),
        ((1, 0), FALLBACK_DISCOUNTS, "must not be negative or decrease"),
        ((-1,), FALLBACK_DISCOUNTS, "must not be negative or decrease"),
        ((0, 0, 1), FALLBACK_DISCOUNTS, "3 pruning thresholds for a model of order 2"),
        ((), (0.5, 2.5, 1.5), "lie between 0 and those counts"),
        ((), (0.5, 1.0), "lie between 0 and those counts"),
    ],
)
def test_bad_settings(prune: Sequence[int], fallback: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate(count_ngrams([(["A"], 1)], 2), prune, fallback=fallback)
