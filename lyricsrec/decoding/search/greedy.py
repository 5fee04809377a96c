"""Greedy decoding: the likeliest symbol of each frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from lyricsrec.decoding.ctc_path import best_path, mask_special, path_words, to_words
from lyricsrec.decoding.emission import Emission
from lyricsrec.decoding.hypothesis import Hypothesis
from lyricsrec.lyrics.transcript import Word


class GreedyDecoder:
    """The likeliest symbol of each frame, repeats and blanks removed (Graves et al. 2006, best-path decoding)."""

    name = "greedy"

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song."""
        return to_words(path_words(best_path(emission), emission.vocabulary), emission)

    def begin(self, emission: Emission) -> Callable[[], tuple[Word, ...]]:
        """As `decode`, when the result is called."""
        return partial(self.decode, emission)

    def hypotheses(self, emission: Emission, count: int) -> list[Hypothesis]:
        """Its one hypothesis; the score is that of the path."""
        score = float(mask_special(emission).max(axis=1).sum()) if len(emission.log_probs) else 0.0
        return [Hypothesis(self.decode(emission), score)][:count]
