"""The interface of decoders, and their hypotheses: texts for an emission with scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.settings import Weights
from lyricsrec.lyrics.transcript import Word


@dataclass(frozen=True)
class Hypothesis:
    """A possible text of an emission; `score`, a natural logarithm, is the value that the search ranks by."""

    words: tuple[Word, ...]
    score: float

    @property
    def text(self) -> str:
        """The words with single spaces between them."""
        return " ".join(word.text for word in self.words)


class Decoder(Protocol):
    """Turns an emission into words."""

    name: str

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song."""

    def begin(self, emission: Emission) -> Callable[[], tuple[Word, ...]]:
        """As `decode`, but the words are returned when the result is called, which must be before the next `begin`."""

    def hypotheses(self, emission: Emission, count: int) -> list[Hypothesis]:
        """At most `count` hypotheses, the likeliest first."""


class SearchDecoder(ABC):
    """A `Decoder` for one vocabulary, whose words are those of its best hypothesis."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song.

        Raises ModelError for an emission over another vocabulary.
        """
        return next((hypothesis.words for hypothesis in self.hypotheses(emission, 1)), ())

    def begin(self, emission: Emission) -> Callable[[], tuple[Word, ...]]:
        """As `decode`, but the words are returned when the result is called, which must be before the next `begin`."""
        return partial(self.decode, emission)

    def hypotheses(self, emission: Emission, count: int) -> list[Hypothesis]:
        """At most `count` hypotheses, the likeliest first; none for an empty emission.

        Raises ModelError for an emission over another vocabulary.
        """
        self._check(emission)
        return self._search(emission, count) if len(emission.log_probs) else []

    def _check(self, emission: Emission) -> None:
        if emission.vocabulary.labels != self._vocabulary.labels:
            raise ModelError("the emission's vocabulary differs from the decoder's")

    @abstractmethod
    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        """The hypotheses for an emission that is not empty."""


class WeightedDecoder(SearchDecoder):
    """A `SearchDecoder` with a language model, whose weights can change."""

    name: str

    @abstractmethod
    def set_weights(self, weights: Weights) -> None:
        """Search with these weights from now on; the language model is not read again."""
