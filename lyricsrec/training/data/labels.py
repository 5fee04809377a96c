"""CTC labels of a text, and the shortest audio they fit into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from lyricsrec.base.errors import DataError
from lyricsrec.decoding.emission import WORD_MARK, Vocabulary
from lyricsrec.decoding.pronunciation import Lexicon
from lyricsrec.recognition.acoustic import FrameGrid


class LabelEncoder:
    """Converts texts to symbols of a vocabulary, letters or word pieces, in the case that the vocabulary has.

    Words are cut into the longest pieces from left to right, as in alignment. `frames` are those of the recogniser.
    """

    def __init__(self, vocabulary: Vocabulary, frames: FrameGrid | None = None) -> None:
        self._frames, self._vocabulary = frames or FrameGrid(), vocabulary
        self._space = vocabulary.space
        self._by_letter = {
            label: i for i, label in enumerate(vocabulary.labels) if label in vocabulary.letters and len(label) == 1
        }
        # Words without missing letters: most words of a data set come often.
        self._complete: set[str] = set()
        alphabet = "".join(vocabulary.letters)
        self._fold = str.upper if vocabulary.upper_case else str.lower if alphabet == alphabet.lower() else str

    def encode(self, text: str) -> list[int]:
        """The symbols of a text, with the space symbol between words; doubled letters are two symbols.

        Raises DataError that names letters which are not in the vocabulary.
        """
        if missing := self.missing(text):
            raise _not_in_vocabulary(missing, self._vocabulary.letters)
        labels: list[int] = []
        for word in map(self._symbols, self._fold(text).split()):
            labels += [self._space, *word] if labels and self._space is not None else word
        return labels

    def _symbols(self, word: str) -> list[int]:
        if self._space is None:
            return list(self._vocabulary.symbols_of(word))
        return [self._by_letter[letter] for letter in word if letter in self._by_letter]

    def can_encode(self, text: str) -> bool:
        """Whether every word has symbols; letters without one are an error of the data set (`check`)."""
        return True

    def reference(self, text: str) -> str:
        """A text as it is compared with hypotheses."""
        return text.upper()

    def min_duration_s(self, labels: Sequence[int]) -> float:
        """The shortest audio with as many frames as CTC needs for the labels."""
        return self._frames.min_duration_s(min_frames(labels)) if labels else 0.0

    def missing(self, text: str) -> Counter[str]:
        """The letters of a text that are not in the vocabulary, with their counts."""
        missing: Counter[str] = Counter()
        for word in self._fold(text).split():
            if word in self._complete:
                continue
            spelled = "".join(self._vocabulary.labels[label] for label in self._symbols(word))
            if lacking := Counter(word) - Counter(spelled):
                missing += lacking
            else:
                self._complete.add(word)
        return missing

    def check(self, texts: Iterable[str]) -> None:
        """Raise DataError that names all letters which are not in the vocabulary, with their counts, if any."""
        missing: Counter[str] = Counter()
        for text in texts:
            if lacking := self.missing(text):
                missing += lacking
        if missing:
            raise _not_in_vocabulary(missing, self._vocabulary.letters)


class PhonemeEncoder(LabelEncoder):
    """Converts texts to the phonemes of a lexicon; a text with a word that it lacks is left out."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon, frames: FrameGrid | None = None) -> None:
        super().__init__(vocabulary, frames)
        self.lexicon = lexicon
        self._by_phoneme = {label.removeprefix(WORD_MARK): i for i, label in enumerate(vocabulary.labels)}

    def encode(self, text: str) -> list[int]:
        """The symbols of a text, without those of words that the lexicon lacks."""
        return [self._by_phoneme[phoneme] for phoneme in self.lexicon.phonemes(text) if phoneme in self._by_phoneme]

    def can_encode(self, text: str) -> bool:
        """Whether the lexicon has every word, with phonemes of the vocabulary."""
        known = all(phoneme in self._by_phoneme for phoneme in self.lexicon.phonemes(text))
        return known and not self.lexicon.unknown(text)

    def check(self, texts: Iterable[str]) -> None:
        """Nothing is an error: what cannot be encoded is left out."""

    def reference(self, text: str) -> str:
        """The phonemes of a text with spaces between them."""
        return " ".join(self.lexicon.phonemes(text)).upper()


def min_frames(labels: Sequence[int]) -> int:
    """The fewest frames that CTC needs for the labels: one each, and a blank between repeated labels."""
    return len(labels) + sum(one == next_one for one, next_one in pairwise(labels))


def _not_in_vocabulary(missing: Counter[str], letters: Iterable[str]) -> DataError:
    letter_counts = ", ".join(f"{letter} ({count})" for letter, count in sorted(missing.items()))
    alphabet = "".join(sorted({letter for letter in "".join(letters).upper() if letter.isalpha()}))
    return DataError(
        f"letters of the lyrics are not in the recogniser's vocabulary: {letter_counts}",
        f"Prepare the data set with --alphabet {alphabet}, or train a new head (--new-head).",
    )
