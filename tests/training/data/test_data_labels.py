from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from helpers.tiny_models import LETTERS

from lyricsrec.base.errors import DataError
from lyricsrec.decoding.ctc_path import path_words
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.decoding.pronunciation import Lexicon
from lyricsrec.training.data.labels import LabelEncoder, PhonemeEncoder, min_frames

CAPITALS = Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2))
SMALL = Vocabulary(("-", "|", *"abel"), blank=0, space=1)
ENCODER = LabelEncoder(CAPITALS)


@pytest.mark.parametrize(
    ("vocabulary", "text", "symbols"),
    [
        (CAPITALS, "ALL BELLS", "ALL|BELLS"),
        (CAPITALS, "  don't  \n go ", "DON'T|GO"),
        (CAPITALS, "", ""),
        (SMALL, "ALL BE", "all|be"),
        (Vocabulary(("-", "|", *"aAbB"), 0, 1), "Ab Ba", "Ab|Ba"),
    ],
)
def test_texts_become_symbols_in_the_vocabularys_case(vocabulary: Vocabulary, text: str, symbols: str) -> None:
    labels = LabelEncoder(vocabulary).encode(text)
    assert "".join(vocabulary.labels[label] for label in labels) == symbols


@pytest.mark.parametrize("text", ["ALL BELLS", "MISSISSIPPI", "O OO OOO", "A"])
def test_doubled_letters_survive_the_way_to_frames_and_back(text: str) -> None:
    labels = ENCODER.encode(text)
    path = [labels[0]]
    for before, label in pairwise(labels):
        path += [CAPITALS.blank, label] if label == before else [label]
    assert len(path) == min_frames(labels)
    assert " ".join(word.text for word in path_words(np.asarray(path), CAPITALS)) == text


@pytest.mark.parametrize(("text", "frames"), [("", 0), ("A", 1), ("ALL", 4), ("A A", 3), ("AAA", 5)])
def test_shortest_duration_of_labels(text: str, frames: int) -> None:
    labels = ENCODER.encode(text)
    assert min_frames(labels) == frames
    # 25 ms of audio make the first frame of Wav2Vec2, 20 ms each further one.
    assert ENCODER.min_duration_s(labels) == (pytest.approx(0.006 + frames * 0.02) if frames else 0.0)


def test_letters_that_are_not_in_the_vocabulary_are_named_with_their_counts() -> None:
    with pytest.raises(DataError, match=r"not in the recogniser's vocabulary: 7 \(1\), É \(1\)$"):
        ENCODER.encode("CAFÉ 7")
    with pytest.raises(DataError, match=r"not in the recogniser's vocabulary: É \(2\), Ü \(1\)$") as caught:
        ENCODER.check(["CAFÉ", "SO", "ÜBER ALLÉ"])
    assert "--alphabet ABC" in str(caught.value.hint)
    ENCODER.check(["SO FAR", ""])


def test_the_space_symbol_is_not_a_letter() -> None:
    with pytest.raises(DataError, match=r"\| \(1\)"):
        ENCODER.encode("A|B")


PIECES = Vocabulary(("-", "<unk>", "▁", "▁SO", "FAR", "F", "A", "R", "S", "O", "▁F"), blank=0, space=None, unknown=1)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("so far", "▁SO ▁F A R"),
        ("ASO  so", "▁ A S O ▁SO"),
        ("AFAR", "▁ A FAR"),
        ("", ""),
    ],
)
def test_words_are_cut_into_the_longest_pieces(text: str, pieces: str) -> None:
    labels = LabelEncoder(PIECES).encode(text)
    assert " ".join(PIECES.labels[label] for label in labels) == pieces
    path = np.asarray([label for one in labels for label in (one, PIECES.blank)], np.int64)
    assert " ".join(word.text for word in path_words(path, PIECES)) == " ".join(text.upper().split())


def test_letters_without_a_piece_are_named() -> None:
    with pytest.raises(DataError, match=r"not in the recogniser's vocabulary: I \(2\), L \(1\)$") as caught:
        LabelEncoder(PIECES).check(["SO FAR", "SILI"])
    assert "--alphabet AFORS" in str(caught.value.hint)


PHONEMES = Vocabulary(("-", "<unk>", "▁HH", "▁AH", "▁L", "▁OW", "▁S"), blank=0, space=None, unknown=1)
SPOKEN = Lexicon({"HELLO": ("HH", "AH", "L", "OW"), "SO": ("S", "OW"), "OH": ("OW",), "YES": ("Y", "EH", "S")})


def test_texts_become_phonemes_by_a_lexicon() -> None:
    encoder = PhonemeEncoder(PHONEMES, SPOKEN)
    assert PHONEMES.has_phonemes
    assert not PIECES.has_phonemes
    assert not CAPITALS.has_phonemes
    labels = encoder.encode("so, Hello oh")
    assert [PHONEMES.labels[label] for label in labels] == ["▁S", "▁OW", "▁HH", "▁AH", "▁L", "▁OW", "▁OW"]
    assert encoder.reference("So hello") == "S OW HH AH L OW"
    assert encoder.can_encode("so - hello!")
    # A word that the lexicon lacks, and a phoneme that the vocabulary lacks.
    assert not encoder.can_encode("so far")
    assert not encoder.can_encode("so yes")
    encoder.check(["so far", "yes"])
    path = np.asarray([label for one in labels for label in (one, PHONEMES.blank)], np.int64)
    assert " ".join(word.text for word in path_words(path, PHONEMES)) == "S OW HH AH L OW OW"
