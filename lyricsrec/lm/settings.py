"""How language models are built and tuned: every setting and its default; flags only override them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from lyricsrec.base.errors import UsageError
from lyricsrec.dataset.preparation.settings import LyricsConfig
from lyricsrec.decoding.weights import Weights


@dataclass(frozen=True)
class LmConfig:
    """How a language model is built.

    `order` is the length of the longest n-grams: 3 knows a word by the two before it; more needs much more text.
    n-grams that occur at most as often as `prune` says (for each order, the last for those after it) are left out,
    which shrinks a model much and harms it little. Words that occur fewer than `min_count` times count as unknown:
    a higher floor makes a smaller lexicon and a faster search. `words` is a list of more words with frequencies;
    `words_share` of the unigrams come from it, a larger share for lyrics less like the texts. `estimator` is "lmplz",
    "lyricsrec" (the one that takes such a list), or "auto". KenLM's binary keeps `quantise` bits of each number.
    """

    order: int = 3
    prune: tuple[int, ...] = (0, 0, 1)
    min_count: int = 1
    _: KW_ONLY
    words: Path | None = None
    words_share: float = 0.5
    lyrics: LyricsConfig = field(default_factory=LyricsConfig)
    language: str | None = "english"
    estimator: str = "auto"
    quantise: int | None = None

    def check(self) -> None:
        """Raise UsageError for values that mean nothing, before any work is done."""
        if not 2 <= self.order <= 6:
            raise UsageError(f"--order {self.order} is not between 2 and 6")
        if len(self.prune) > self.order or any(n < 0 for n in self.prune) or sorted(self.prune) != list(self.prune):
            raise UsageError("--prune takes numbers that do not fall, at most one an order", "Such as 0,0,1.")
        if self.estimator not in ("auto", "lmplz", "lyricsrec"):
            raise UsageError(f"no estimator is called '{self.estimator}'", "Known are auto, lmplz and lyricsrec.")
        if self.words is not None and self.estimator == "lmplz":
            raise UsageError("lmplz takes no list of words", "Leave out --words, or give --estimator lyricsrec.")


@dataclass(frozen=True)
class TuneConfig:
    """Which weights to try.

    All pairs of `alphas` and `betas` first, then `refinements` times the neighbours of the best at half the distance:
    each time 8 more searches of all chunks at most. `beam_widths` are tried at the best point, the widest one is
    searched with until then; the narrowest is chosen whose word error rate is within `beam_tolerance` of the best's.
    `limit` chunks, spread over all, are enough for a first look; None takes all.
    """

    alphas: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
    betas: tuple[float, ...] = (-1.0, 0.0, 1.0, 2.0, 3.0)
    beam_widths: tuple[int, ...] = (25, 50, 100)
    _: KW_ONLY
    refinements: int = 2
    beam_tolerance: float = 0.001
    limit: int | None = None

    def check(self) -> None:
        """Raise UsageError for values that mean nothing, before any work is done."""
        if not all(0 <= alpha < float("inf") for alpha in self.alphas):
            raise UsageError("--alpha takes numbers from 0", "Such as 0,0.5,1.")
        if not all(abs(beta) < float("inf") for beta in self.betas):
            raise UsageError("--beta takes finite numbers", "Such as -1,0,1,2.")
        if not all(width >= 1 for width in self.beam_widths):
            raise UsageError("--beam takes numbers from 1", "Such as 25,50,100.")

    def grid(self) -> list[Weights]:
        """The first points: always some at alpha 0 among them, to compare with."""
        width = max(self.beam_widths)
        return [
            Weights(alpha, beta, width) for alpha in sorted({0.0, *self.alphas}) for beta in sorted(set(self.betas))
        ]
