"""The weights of a search with a language model: the standard ones, and those that `lm tune` finds."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


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
class Tuning:
    """The weights that suit a language model best, and how that was found.

    Word error rates are shares, pooled over the chunks: `wer` with `weights`, `wer_greedy` without any search,
    `wer_words_only` at alpha 0 (its best beta), where the language model's words count but not their probabilities.
    `model` and `separator` are those whose log-probabilities were searched.
    """

    weights: Weights
    wer: float
    wer_greedy: float
    _: KW_ONLY
    wer_words_only: float
    model: str
    separator: str
    num_chunks: int
    num_words: int

    @property
    def helps(self) -> bool:
        """Whether there are fewer errors with the language model than without it, and than with its words only."""
        return self.wer < min(self.wer_greedy, self.wer_words_only)
