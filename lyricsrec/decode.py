"""From CTC log-probabilities to timed words: greedy, or a beam search."""

from __future__ import annotations

from lyricsrec.config import DecodeConfig
from lyricsrec.ctc_path import best_path, spelled_words, sung_log_probs, to_word
from lyricsrec.emission import Emission, Vocabulary
from lyricsrec.hypothesis import Decoder, Hypothesis
from lyricsrec.language_model import read_language_model
from lyricsrec.lexicon_search import LexiconDecoder
from lyricsrec.models import find_language_model
from lyricsrec.prefix_search import PrefixDecoder
from lyricsrec.transcript import Word


class GreedyDecoder:
    """The likeliest symbol of each frame, repeats and blanks removed (Graves et al. 2006, best-path decoding)."""

    name = "greedy"

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song."""
        return tuple(to_word(word, emission) for word in spelled_words(best_path(emission), emission.vocabulary))

    def hypotheses(self, emission: Emission, count: int) -> list[Hypothesis]:
        """The one reading it knows; its score is that of its path."""
        score = float(sung_log_probs(emission).max(axis=1).sum()) if len(emission.log_probs) else 0.0
        return [Hypothesis(self.decode(emission), score)][:count]


def make_decoder(vocabulary: Vocabulary, config: DecodeConfig) -> Decoder:
    """The decoder that a configuration asks for, checked against a recogniser's vocabulary.

    With a language model that lists its words, the compiled lexicon search; without one, with hot words, or with a
    vocabulary of word pieces, pyctcdecode's prefix search.

    Raises ModelError when the language model cannot be read or does not fit the vocabulary.
    """
    if config.greedy:
        return GreedyDecoder()
    model = read_language_model(find_language_model(config.lm), vocabulary) if config.lm is not None else None
    can_spell = vocabulary.space is not None and all(len(label) == 1 for label in vocabulary.letters)
    wants_letters = config.search == "prefix" or bool(config.hotwords)
    if model is not None and model.words is not None and can_spell and not wants_letters:
        return LexiconDecoder(vocabulary, config, model)
    return PrefixDecoder(vocabulary, config, model)
