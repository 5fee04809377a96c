"""From CTC log-probabilities to timed words: greedy, or a beam search."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from lyricsrec.decoding.ctc_path import best_path, spelled_words, sung_log_probs, to_words
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Decoder, Hypothesis
from lyricsrec.decoding.language_model import read_language_model
from lyricsrec.decoding.search.letters import LetterDecoder
from lyricsrec.decoding.search.lexicon import LexiconDecoder
from lyricsrec.decoding.search.prefix import PrefixDecoder
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.lyrics.transcript import Word
from lyricsrec.models.resolve import find_language_model


class GreedyDecoder:
    """The likeliest symbol of each frame, repeats and blanks removed (Graves et al. 2006, best-path decoding)."""

    name = "greedy"

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song."""
        return to_words(spelled_words(best_path(emission), emission.vocabulary), emission)

    def begin(self, emission: Emission) -> Callable[[], tuple[Word, ...]]:
        """As `decode`, when the result is called."""
        return partial(self.decode, emission)

    def hypotheses(self, emission: Emission, count: int) -> list[Hypothesis]:
        """The one reading it knows; its score is that of its path."""
        score = float(sung_log_probs(emission).max(axis=1).sum()) if len(emission.log_probs) else 0.0
        return [Hypothesis(self.decode(emission), score)][:count]


def make_decoder(vocabulary: Vocabulary, config: DecodeConfig) -> Decoder:
    """The decoder that a configuration asks for, checked against a recogniser's vocabulary.

    Compiled ones where they can: without a language model the search of letters, with one that lists its words and a
    vocabulary of letters that of the lexicon. Else, and with hot words, pyctcdecode's prefix search.

    Raises ModelError when the language model cannot be read or does not fit the vocabulary.
    """
    if config.greedy:
        return GreedyDecoder()
    if config.lm is None:
        return PrefixDecoder(vocabulary, config) if config.wants_prefixes else LetterDecoder(vocabulary, config)
    model = read_language_model(find_language_model(config.lm), vocabulary)
    can_spell = vocabulary.space is not None and all(len(label) == 1 for label in vocabulary.letters)
    if model.words is not None and can_spell and not config.wants_prefixes:
        return LexiconDecoder(vocabulary, config, model)
    return PrefixDecoder(vocabulary, config, model)
