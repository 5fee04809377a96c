"""Settings of building and tuning language models, with their defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from math import inf
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen

from lyricsrec.base.settings import AtLeastZero, BelowOne, Count, Natural, Settings
from lyricsrec.dataset.preparation.settings import LyricsConfig
from lyricsrec.decoding.settings import BeamWidth, Weights

Estimator = Literal["auto", "lmplz", "lyricsrec"]


@dataclass(frozen=True)
class LmConfig(Settings):
    """How a language model is built.

    `order` is the length of the longest n-grams: 3 predicts a word from the two before it; more needs much more text.
    n-grams that occur at most as often as `prune` says (one threshold for each order, the last one for all after it)
    are left out, which makes a model much smaller and little worse. Words that occur fewer than `min_count` times are
    unknown words: a higher limit makes a smaller lexicon and a faster search. `words` is a list of additional words
    with frequencies; `words_share` of the unigram probability goes to them, more for lyrics unlike the texts.
    `estimator` is "lmplz", "lyricsrec" (needed for such a list), or "auto". KenLM's binary keeps `quantise` bits of
    each number.
    """

    order: Annotated[int, Ge(2), Le(6)] = 3
    prune: tuple[Count, ...] = (0, 0, 1)
    min_count: int = 1
    _: KW_ONLY
    words: Path | None = None
    words_share: BelowOne = 0.5
    lyrics: LyricsConfig = field(default_factory=LyricsConfig)
    language: str | None = "english"
    estimator: Estimator = "auto"
    quantise: Annotated[int, Ge(2), Le(16)] | None = None

    def __post_init__(self) -> None:
        if len(self.prune) > self.order or sorted(self.prune) != list(self.prune):
            raise ValueError("prune takes at most one number for each order, none below the one before, such as 0,0,1")
        if self.words is not None and self.estimator == "lmplz":
            raise ValueError("lmplz cannot use a list of words: take the estimator lyricsrec, or leave out the list")


@dataclass(frozen=True)
class TuneConfig(Settings):
    """Which weights are tried.

    All pairs of `alphas` and `betas` first, then `refinements` times the neighbours of the best at half the distance
    (up to 8 more searches of all chunks each time). These use the widest of `beam_widths`; all widths are tried at the
    best point, and the narrowest is chosen whose word error rate is within `beam_tolerance` of the best. `limit`
    chunks, spread over all, give a first estimate; None takes all.
    """

    alphas: tuple[Annotated[AtLeastZero, Lt(inf)], ...] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
    betas: Annotated[tuple[Annotated[float, Gt(-inf), Lt(inf)], ...], MinLen(1)] = (-1.0, 0.0, 1.0, 2.0, 3.0)
    beam_widths: Annotated[tuple[BeamWidth, ...], MinLen(1)] = (25, 50, 100)
    _: KW_ONLY
    refinements: Count = 2
    beam_tolerance: AtLeastZero = 0.001
    limit: Natural | None = None

    def grid(self) -> list[Weights]:
        """The first points; some with alpha 0 are always among them, for comparison."""
        width = max(self.beam_widths)
        return [
            Weights(alpha, beta, width) for alpha in sorted({0.0, *self.alphas}) for beta in sorted(set(self.betas))
        ]
