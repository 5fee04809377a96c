"""Word and character errors: those that jiwer and alt-eval count."""

from __future__ import annotations

import random
import time

import jiwer
import pytest
from alt_eval import compute_metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.lyrics.normalise import tokenize
from lyricsrec.scoring.metrics.words import Step, align_words, as_characters, count_words, pool
from lyricsrec.scoring.results import WordFigures

VOCABULARY = {
    "en": "I don't know why You're so far away, (oh oh) baby! Don’t let me down... rock'n'roll 21 no-one \"Hey\"",
    "fr": "J'ai perdu l'amour, qu'est-ce que c'est? Aujourd'hui où es-tu Élodie (là là) garçon",
    "de": "Geht's dir gut? Wie'n Traum - ich hab' dich Über alles geliebt, süße Straße",
    "es": "¿Dónde estás corazón? ¡No oigo tu palpitar! mañana (sí)",
    "he": "שלום עולם, אני אוהב אותך (כן) מה שלומך?",
    "ja": "君が好きだと 叫びたい、 Baby love 12時",
}


def figures(reference: list[str], hypothesis: list[str]) -> WordFigures:
    return count_words(reference, hypothesis, align_words(reference, hypothesis))


def random_lyrics(random_: random.Random, language: str) -> str:
    words = [*VOCABULARY[language].split(), "\n", "\n", "\n\n"]
    return " ".join(random_.choice(words) for _ in range(random_.randint(1, 40))).strip() or "la"


def with_errors(random_: random.Random, text: str, language: str) -> str:
    words = text.split(" ")
    changes = {
        "case": lambda word: [word.swapcase()],
        "drop": lambda _: [],
        "other": lambda _: [random_.choice(VOCABULARY[language].split())],
        "more": lambda word: [word, word],
        "break": lambda word: [word, "\n"],
    }
    changed = [
        part for word in words for part in changes.get(random_.choice([*changes, *range(10)]), lambda w: [w])(word)
    ]
    return " ".join(changed)


@pytest.mark.parametrize("language", VOCABULARY)
def test_long_matches_alt_eval(language: str) -> None:
    random_ = random.Random(language)
    for _ in range(25):
        num_texts = random_.randint(1, 3)
        references = [random_lyrics(random_, language) for _ in range(num_texts)]
        hypotheses = [with_errors(random_, text, language) for text in references]
        expected = compute_metrics(references, hypotheses, language)
        parts = []
        for pair in zip(references, hypotheses, strict=True):
            reference, found_words = ([token.key for token in tokenize(text, "long", language)] for text in pair)
            parts.append(figures(reference, found_words))
        found = pool(parts)
        assert found.wer == pytest.approx(expected["WER"], abs=1e-12)
        names = ("hits", "substitutions", "deletions", "insertions")
        assert [getattr(found, name) for name in names] == [expected[name] for name in names]
        assert found.num_errors == sum(expected[name] for name in names[1:])


WORDS = st.lists(
    st.sampled_from(["A", "B", "AB", "OH", "LOVE'S", "LOVE", "YOU"]) | st.text("ÄB'", min_size=1), max_size=12
)


@given(st.lists(st.tuples(WORDS.filter(bool), WORDS), min_size=1, max_size=4))
@settings(deadline=None, max_examples=150)
def test_short_matches_jiwer(texts: list[tuple[list[str], list[str]]]) -> None:
    found = pool(figures(*text) for text in texts)
    references, hypotheses = ([" ".join(words) for words in side] for side in zip(*texts, strict=True))
    expected = jiwer.process_words(references, hypotheses)
    assert found.wer == expected.wer
    assert (found.hits, found.substitutions) == (expected.hits, expected.substitutions)
    assert (found.deletions, found.insertions) == (expected.deletions, expected.insertions)
    assert found.cer == pytest.approx(jiwer.cer(references, hypotheses), abs=1e-12)
    assert (found.num_words, found.num_hypothesis_words) == (
        sum(len(a) for a, _ in texts),
        sum(len(b) for _, b in texts),
    )


def test_worked_by_hand() -> None:
    reference, hypothesis = ["so", "far", "away", "from", "me"], ["oh", "so", "fair", "away", "me"]
    assert align_words(reference, hypothesis) == (
        Step("insert", range(0, 0), range(0, 1)),
        Step("equal", range(0, 1), range(1, 2)),
        Step("substitute", range(1, 2), range(2, 3)),
        Step("equal", range(2, 3), range(3, 4)),
        Step("delete", range(3, 4), range(4, 4)),
        Step("equal", range(4, 5), range(4, 5)),
    )
    assert figures(reference, hypothesis) == WordFigures(
        num_words=5,
        num_hypothesis_words=5,
        hits=3,
        substitutions=1,
        deletions=1,
        insertions=1,
        num_hallucinated=0,
        num_characters=19,
        # One letter more in "fair", five fewer with "from", three more with "oh".
        character_errors=9,
        wer=0.6,
        cer=9 / 19,
        hallucinated=0.0,
    )


def test_empty_texts_have_counts_but_no_rate() -> None:
    nothing, extra, missed = figures([], []), figures([], ["oh", "no"]), figures(["oh", "no"], [])
    assert (nothing.num_errors, nothing.wer, nothing.cer, nothing.hallucinated) == (0, None, None, None)
    assert (extra.insertions, extra.num_errors, extra.character_errors, extra.wer, extra.cer) == (2, 2, 5, None, None)
    assert (missed.deletions, missed.num_errors, missed.wer, missed.cer, missed.hallucinated) == (2, 2, 1.0, 1.0, None)


def test_pooled_is_summed_and_then_divided() -> None:
    parts = [figures(["a"], ["b"]), figures(list("abcdefghi"), list("abcdefghi")), figures([], ["x", "y"])]
    pooled = pool(parts)
    # Errors against nothing count too.
    assert (pooled.num_words, pooled.num_errors, pooled.wer) == (10, 3, 0.3)
    assert pooled.cer == (1 + 3) / (1 + 17)
    assert pool([]) == figures([], [])
    assert pool([pooled]) == pooled


@pytest.mark.parametrize(("size", "hallucinated"), [(9, 0), (10, 10), (25, 25)])
def test_ten_insertions_in_a_row_are_a_hallucination(size: int, hallucinated: int) -> None:
    found = figures(["a", "b"], ["a", *["la"] * size, "b"])
    assert (found.insertions, found.num_hallucinated) == (size, hallucinated)
    assert found.hallucinated == hallucinated / (size + 2)
    # Two short runs are none.
    assert figures(["a", "b", "c"], ["a", *["la"] * 9, "b", *["la"] * 9, "c"]).num_hallucinated == 0


def test_characters_of_scripts_without_spaces_are_counted_without_spaces() -> None:
    assert as_characters(["你", "好", "baby", "世", "界"]) == "你好 baby 世界"
    assert as_characters(["ส", "วั", "ส"]) == "สวัส"
    assert as_characters(["사랑해", "너를"]) == "사랑해 너를"
    found = figures(list("你好世界"), list("你坏世界"))
    assert (found.num_characters, found.character_errors, found.cer) == (4, 1, 0.25)


def test_three_hours_of_words_take_seconds() -> None:
    random_ = random.Random(0)
    vocabulary = [f"word{number}" for number in range(3000)]
    reference = [random_.choice(vocabulary) for _ in range(25_000)]
    hypothesis = list(reference)
    for place in range(0, 25_000, 50):
        hypothesis[place] = "other"
    del hypothesis[7::1000]
    hypothesis += ["more"] * 30
    began = time.perf_counter()
    found = figures(reference, hypothesis)
    assert time.perf_counter() - began < 60
    assert (found.substitutions, found.deletions, found.insertions, found.num_hallucinated) == (500, 25, 30, 30)
    assert found.hits == 25_000 - 525
