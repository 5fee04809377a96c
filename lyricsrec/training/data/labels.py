"""What a chunk's text is to CTC: the symbols of a vocabulary, and the time they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from lyricsrec.base.errors import DataError, ModelError
from lyricsrec.decoding.ctc_path import WORD_MARK
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.training.settings import FRAME_S


class LabelEncoder:
    """Spells texts with the symbols of a vocabulary, in the case that it knows.

    Raises ModelError for vocabularies of word pieces, where a text can be spelled in many ways.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        if vocabulary.space is None:
            raise ModelError(
                f"its vocabulary marks words with '{WORD_MARK}': word pieces are not supported for training",
                "Take a recogniser that spells letter by letter, such as wav2vec2-base.",
            )
        self._space = vocabulary.space
        self._by_letter = {
            label: i for i, label in enumerate(vocabulary.labels) if label in vocabulary.letters and len(label) == 1
        }
        spelled = "".join(self._by_letter)
        self._fold = str.upper if vocabulary.upper_case else str.lower if spelled == spelled.lower() else str

    def encode(self, text: str) -> list[int]:
        """The symbols of a text, its words joined by the space; doubled letters stay two symbols.

        Raises DataError, naming them, when letters are not in the vocabulary.
        """
        if missing := self.missing(text):
            raise _not_in_vocabulary(missing, self._by_letter)
        words = ([self._by_letter[letter] for letter in word] for word in self._fold(text).split())
        labels: list[int] = []
        for word in words:
            labels += [self._space, *word] if labels else word
        return labels

    def missing(self, text: str) -> Counter[str]:
        """The letters of a text that the vocabulary lacks, with how many times they stand there."""
        return Counter(letter for word in self._fold(text).split() for letter in word if letter not in self._by_letter)

    def check(self, texts: Iterable[str]) -> None:
        """Raise DataError, naming all letters that the vocabulary lacks and how many there are, if any."""
        missing: Counter[str] = Counter()
        for text in texts:
            missing += self.missing(text)
        if missing:
            raise _not_in_vocabulary(missing, self._by_letter)


def min_frames(labels: Sequence[int]) -> int:
    """The fewest frames that CTC can spell the labels in: one each, and a blank between two of the same."""
    return len(labels) + sum(one == next_one for one, next_one in pairwise(labels))


def min_duration_s(labels: Sequence[int]) -> float:
    """The shortest sound that has these frames; what convolutions lose at its ends is under one frame more."""
    return (min_frames(labels) + 1) * FRAME_S


def _not_in_vocabulary(missing: Counter[str], letters: Iterable[str]) -> DataError:
    named = ", ".join(f"{letter} ({count})" for letter, count in sorted(missing.items()))
    alphabet = "".join(sorted(letter for letter in "".join(letters).upper() if letter.isalpha()))
    return DataError(
        f"the recogniser's vocabulary lacks letters of the lyrics: {named}",
        f"Prepare the data set with its letters (--alphabet {alphabet}), or train a new head.",
    )
