"""How CTC log-probabilities are decoded: every setting and its default."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

from lyricsrec.base.settings import AtLeastZero, Settings

BeamWidth = Annotated[int, Ge(1), Le(10_000)]
"""Width of a beam; memory and time grow with it."""

SearchName = Literal["auto", "lexicon", "prefix"]


@dataclass(frozen=True)
class Weights(Settings):
    """How a beam search weights its language model, and how wide it is.

    `alpha` weights the language model against the recogniser, `beta` is a bonus for each word (a larger one gives more
    and shorter words). A wider beam finds likelier texts and takes proportionally longer.
    """

    alpha: float = 0.5
    beta: float = 1.5
    beam_width: BeamWidth = 100

    def overridden(self, alpha: float | None, beta: float | None, beam_width: int | None) -> Weights:
        """These weights, except those that are given."""
        return Weights(
            self.alpha if alpha is None else alpha,
            self.beta if beta is None else beta,
            self.beam_width if beam_width is None else beam_width,
        )


@dataclass(frozen=True)
class DecodeConfig(Settings):
    """How to decode CTC log-probabilities.

    Without a beam, a language model and hot words, decoding is greedy. Values that are None are filled in by
    `weights`. `lm` is a known name (a string) or a path. `hotwords` are expected words such as names; each of their
    letters gains `hotword_weight`.

    `search` "prefix" is pyctcdecode's; "lexicon" and "auto" use a compiled search where possible: over a language
    model's words, or over letters or word pieces without a language model. In the lexicon search, a word outside the
    language model's vocabulary costs `unknown_price` (log10) a letter in addition to the probability of unknown words;
    1.4 is the cost of equally likely letters. A lower price gives more names and more nonsense.
    """

    beam_width: BeamWidth | None = None
    lm: str | Path | None = None
    alpha: float | None = None
    _: KW_ONLY
    beta: float | None = None
    hotwords: tuple[str, ...] = ()
    hotword_weight: float = 10.0
    search: SearchName = "auto"
    unknown_price: AtLeastZero = 1.4

    @property
    def greedy(self) -> bool:
        """Whether no search is asked for."""
        return self.beam_width in (None, 1) and self.lm is None and not self.hotwords

    def weights(self, tuned: Weights | None = None) -> Weights:
        """The weights to search with: those given here, else the language model's tuned ones, else the defaults."""
        return (tuned or Weights()).overridden(self.alpha, self.beta, self.beam_width)

    @property
    def wants_prefixes(self) -> bool:
        """Whether only pyctcdecode's search will do, which is slow."""
        return not self.greedy and (self.search == "prefix" or bool(self.hotwords))
