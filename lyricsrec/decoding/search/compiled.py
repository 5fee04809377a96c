"""What the searches for words of a language model share: its scores, and flashlight's compiled search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lyricsrec.decoding.kenlm_file import unreadable
from lyricsrec.decoding.language_model import LanguageModel, quiet_kenlm
from lyricsrec.decoding.search.frames import BEAM_THRESHOLD, BLANK
from lyricsrec.decoding.settings import DecodeConfig, Weights

_LN_10 = math.log(10)
_TOKENS_PER_FRAME = 15
_UNKNOWN = "<unk>"


class Scorer:
    """Scores words by the language model, in the units of the search; `weights` may change."""

    def __init__(self, model: LanguageModel, words: Sequence[str], config: DecodeConfig) -> None:
        from flashlight.lib.text.decoder.kenlm import KenLM
        from flashlight.lib.text.dictionary import Dictionary

        self.weights = Weights()
        self._unknown_price = config.unknown_price
        self._words = Dictionary()
        for word in words:
            self._words.add_entry(word)
        if not self._words.contains(_UNKNOWN):
            self._words.add_entry(_UNKNOWN)
        self.unknown: int = self._words.get_index(_UNKNOWN)
        try:
            with quiet_kenlm():
                self.model: Any = KenLM(str(model.path), self._words)
        except (RuntimeError, OSError):
            raise unreadable(model.path) from None

    def knows(self, word: str) -> bool:
        """Whether a word is in the lexicon."""
        return word != _UNKNOWN and bool(self._words.contains(word))

    def index(self, word: str) -> int:
        """The number of a word of the lexicon."""
        return int(self._words.get_index(word))

    def word(self, index: int) -> str:
        """The word with a number."""
        return str(self._words.get_entry(index))

    def start(self) -> Any:
        """The state before the first word."""
        return self.model.start(False)

    def score(self, state: Any, words: Sequence[str]) -> tuple[Any, float]:
        """The state after some words, and their contribution to the score of the search."""
        total = 0.0
        for word in words:
            known = self.knows(word)
            state, log10 = self.model.score(state, self.index(word) if known else self.unknown)
            if not known:
                # Its share of the probability of all unknown words.
                log10 -= self._unknown_price * len(word)
            total += self.weights.alpha * _LN_10 * log10
            total += self.weights.beta
        return state, total


def build_search(trie: Any, scorer: Scorer, num_symbols: int, *, silence: int) -> Any:
    """Flashlight's search for a trie of words; `silence` is the symbol between them."""
    from flashlight.lib.text.decoder import CriterionType, LexiconDecoderOptions
    from flashlight.lib.text.decoder import LexiconDecoder as Search

    weights = scorer.weights
    options = LexiconDecoderOptions(
        beam_size=weights.beam_width,
        beam_size_token=min(_TOKENS_PER_FRAME, num_symbols),
        beam_threshold=BEAM_THRESHOLD,
        lm_weight=weights.alpha * _LN_10,
        word_score=weights.beta,
        unk_score=-math.inf,
        sil_score=0.0,
        log_add=True,
        criterion_type=CriterionType.CTC,
    )
    return Search(options, trie, scorer.model, silence, BLANK, scorer.unknown, [], False)
