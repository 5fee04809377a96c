"""How CTC log-probabilities are searched: every setting and its default."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Literal

from lyricsrec.base.settings import AtLeastZero, Natural, Settings
from lyricsrec.decoding.weights import Weights

SearchName = Literal["auto", "lexicon", "prefix"]


@dataclass(frozen=True)
class DecodeConfig(Settings):
    """How to search CTC log-probabilities.

    Without beam, language model and hot words it is greedy. What is None is filled in by `weights`. `lm` is a known
    name (a string) or a path. Letters of `hotwords`, expected words such as names, gain `hotword_weight`. `search`
    "prefix" is pyctcdecode's; "lexicon" and "auto" are compiled where they can be: for a language model's words, and
    for letters or word pieces without a language model. In the lexicon search, a word that the language model does
    not know costs `unknown_price` (log10) a letter beside the probability of unknown words; 1.4 is what equally likely
    letters cost; less gives more names, and nonsense.
    """

    beam_width: Natural | None = None
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
        """The weights to search with: those given here, else those a language model was tuned to, else the standard."""
        return (tuned or Weights()).overridden(self.alpha, self.beta, self.beam_width)

    @property
    def wants_prefixes(self) -> bool:
        """Whether only pyctcdecode's search will do, which is slow."""
        return not self.greedy and (self.search == "prefix" or bool(self.hotwords))
