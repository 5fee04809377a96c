"""The weights of a search with a language model: the standard ones, and those that `lm tune` looks for and finds."""

from __future__ import annotations

from dataclasses import dataclass

from lyricsrec.errors import UsageError


@dataclass(frozen=True)
class Weights:
    """How a beam search weighs its language model, and how wide it is.

    `alpha` weighs the language model against the recogniser, `beta` is a bonus for each word (more: more, shorter
    words). A wider beam finds likelier texts and takes proportionally longer.
    """

    alpha: float = 0.5
    beta: float = 1.5
    beam_width: int = 100

    def overridden(self, alpha: float | None, beta: float | None, beam_width: int | None) -> Weights:
        """These weights, but for those that are given."""
        return Weights(
            self.alpha if alpha is None else alpha,
            self.beta if beta is None else beta,
            self.beam_width if beam_width is None else beam_width,
        )


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


@dataclass(frozen=True)
class Tuning:
    """The weights that suit a language model best, and how that was found.

    Word error rates are shares, pooled over the chunks: `wer` with `weights`, `wer_greedy` without any search,
    `wer_words_only` at alpha 0 (its best beta), where the language model's words count but not their probabilities.
    `model` and `separator` are those whose log-probabilities were searched.
    """

    weights: Weights
    wer: float
    wer_greedy: float
    wer_words_only: float
    model: str
    separator: str
    num_chunks: int
    num_words: int

    @property
    def helps(self) -> bool:
        """Whether there are fewer errors with the language model than without it, and than with its words only."""
        return self.wer < min(self.wer_greedy, self.wer_words_only)
