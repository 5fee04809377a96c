"""The search over the words of a language model for phonemes and word pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.decoding import registry
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search.spelled import SpelledDecoder
from lyricsrec.decoding.settings import DecodeConfig

# "two" and "too" sound alike; "to see" and "two see" differ by the language model only.
LM = """\\data\\
ngram 1=7
ngram 2=3

\\1-grams:
-1.5	<unk>
-99	<s>	0
-1.0	</s>
-1.2	see	0
-1.1	two	0
-1.0	too	0
-1.9	zz	0

\\2-grams:
-0.1	<s> two
-0.2	two see
-0.2	see too

\\end\\
"""
SPOKEN = {"SEE": ("S", "IY"), "TWO": ("T", "UW"), "TOO": ("T", "UW"), "SEAT": ("S", "IY", "T")}
PHONEMES = Vocabulary(("-", "▁S", "▁IY", "▁T", "▁UW", "▁AH", "<unk>"), 0, None, unknown=6, pronunciations=SPOKEN)
PIECES = Vocabulary(("-", "▁S", "EE", "▁T", "W", "O", "▁"), 0, None)


def emission(frames: str, vocabulary: Vocabulary, certainty: float = 0.97) -> Emission:
    """An emission of 0.1 s frames from 10 s on, with these symbols between spaces."""
    names = [label.lstrip("▁") for label in vocabulary.labels]
    path = [names.index(frame) for frame in frames.split()]
    rest = (1 - certainty) / (len(names) - 1)
    probabilities = np.full((len(path), len(names)), rest, np.float32)
    probabilities[np.arange(len(path)), path] = certainty
    return Emission(np.log(probabilities), 0.1, 10.0, vocabulary=vocabulary)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> DecodeConfig:
    path = tmp_path_factory.mktemp("lm") / "lm.arpa"
    path.write_text(LM)
    return DecodeConfig(20, path, alpha=0.5, beta=0.0)


@pytest.fixture(scope="module")
def decoder(config: DecodeConfig) -> Decoder:
    found = make_decoder(PHONEMES, config)
    assert type(found) is SpelledDecoder
    assert found.name == "spelled beam 20 + lm.arpa (alpha 0.5, beta 0)"
    return found


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        # Of words that sound alike the language model chooses.
        ("T UW", "two"),
        ("T UW S IY", "two see"),
        ("S IY T UW", "see too"),
        ("- T T - UW UW - - S S IY IY -", "two see"),
        # Equal phonemes on both sides of a word's end, with a blank between them.
        ("S IY S IY S IY", "see see see"),
        ("T UW " + "- " * 200 + "T UW", "two too"),
        ("T T T UW UW UW UW UW S S S IY IY", "two see"),
        ("- - -", ""),
    ],
)
def test_phonemes_become_words(decoder: Decoder, frames: str, text: str) -> None:
    assert " ".join(word.text for word in decoder.decode(emission(frames, PHONEMES))) == text


def test_times_and_confidence_are_those_of_the_phonemes(decoder: Decoder) -> None:
    first, second = decoder.decode(emission("- T T - UW UW - - S S IY IY -", PHONEMES))
    assert (first.start_s, first.end_s) == (pytest.approx(10.1), pytest.approx(10.6))
    assert (second.start_s, second.end_s) == (pytest.approx(10.8), pytest.approx(11.2))
    assert first.confidence == pytest.approx(0.97, abs=1e-3)


def test_hypotheses_differ_and_are_sorted(decoder: Decoder) -> None:
    found = decoder.hypotheses(emission("T UW S IY", PHONEMES), 3)
    assert [hypothesis.text for hypothesis in found][:2] == ["two see", "too see"]
    assert found[0].score > found[1].score


def test_pieces_become_words_where_no_other_search_is_installed(
    config: DecodeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    found = make_decoder(PIECES, config)
    assert type(found) is SpelledDecoder
    words = found.decode(emission("T W W O - S EE", PIECES))
    # The vocabulary has capitals only, in which case has no meaning.
    assert [(word.text, round(word.start_s, 3)) for word in words] == [("two", 10.0), ("see", 10.5)]


def test_phonemes_without_pronunciations_have_no_words(config: DecodeConfig) -> None:
    with pytest.raises(UsageError, match=r"no lexicon\.txt"):
        make_decoder(replace(PHONEMES, pronunciations=None), config)
    with pytest.raises(UsageError, match="a search of letters"):
        make_decoder(PHONEMES, replace(config, hotwords=("see",)))
    with pytest.raises(ModelError, match="no word of the language model"):
        make_decoder(replace(PHONEMES, pronunciations={"HALLO": ("S",)}), config)


def test_words_are_spelled_completely_or_not_at_all() -> None:
    assert PHONEMES.spelling("seat") == PHONEMES.symbols_of("SEAT") == (1, 2, 3)
    assert PHONEMES.spelling("zz") == ()
    assert PIECES.spelling("see") == (1, 2)
    assert PIECES.spelling("seed") == ()
