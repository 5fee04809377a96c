"""What a search finds: readings of an emission with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lyricsrec.emission import Emission
from lyricsrec.transcript import Word


@dataclass(frozen=True)
class Hypothesis:
    """One reading of an emission; `score`, a natural logarithm, is what the search ranks by."""

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

    def hypotheses(self, emission: Emission, count: int) -> list[Hypothesis]:
        """At most `count` readings, the likeliest first."""
