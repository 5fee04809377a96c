"""Beam search over the words of a language model, for recognisers whose symbols do not say where a word ends.

These are phonemes, with a pronunciation of each word, and word pieces.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.ctc_path import Path, PathWord, collapse, mask_special, to_words
from lyricsrec.decoding.emission import Emission, LogProbs, Vocabulary
from lyricsrec.decoding.hypothesis import Hypothesis, WeightedDecoder
from lyricsrec.decoding.language_model import LanguageModel
from lyricsrec.decoding.search.compiled import Scorer, build_search
from lyricsrec.decoding.search.frames import find, path_of, search_matrix
from lyricsrec.decoding.settings import DecodeConfig, Weights

_SILENCE = 1
"""The search wants a symbol between words; this one never occurs."""
_MOST_HOMOPHONES = 6
"""As many words as flashlight's trie takes with one pronunciation; the most frequent ones are kept."""


class SpelledDecoder(WeightedDecoder):
    """Finds the likeliest sequence of a language model's words, by the symbols that each is spelled with.

    `score = ln P(symbols | audio) + alpha ln P(words) + beta * number of words`, as in `LexiconDecoder`, by the same
    compiled search. Words that the language model or the pronunciations lack cannot be found: a name becomes the
    words that sound most like it. Of words with equal symbols the language model chooses.

    Consecutive frames with the same likeliest symbol count as one, the surest of them: flashlight's search gives the
    last symbol of a word one frame, unless a symbol between words follows.

    Raises ModelError at construction when no word of the language model can be spelled.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig, model: LanguageModel) -> None:
        assert model.words is not None
        super().__init__(vocabulary)
        self._model = model
        indices = [i for i, label in enumerate(vocabulary.labels) if label in set(vocabulary.letters)]
        # The search's symbols: blank, silence, and those of words. Silence is a copy of the blank that is masked.
        self._columns = np.array([vocabulary.blank, vocabulary.blank, *indices])
        column_of = {index: column for column, index in enumerate(indices, _SILENCE + 1)}
        self._spellings = {
            word: tuple(column_of[index] for index in symbols)
            for word in model.words
            if not word.startswith("<") and (symbols := vocabulary.spelling(word))
        }
        if not self._spellings:
            raise ModelError(
                f"no word of the language model {model.name} can be spelled with the recogniser's symbols",
                "Are the pronunciations of another language?",
            )
        self._scorer = Scorer(model, list(self._spellings), config)
        self._trie = self._build_trie(self._spellings)
        self.set_weights(config.weights(model.tuned))

    def set_weights(self, weights: Weights) -> None:
        """Set the weights of later searches; the language model is not read again."""
        self._scorer.weights = weights
        self._compiled = build_search(self._trie, self._scorer, len(self._columns), silence=_SILENCE)
        self.name = (
            f"spelled beam {weights.beam_width} + {self._model.name} (alpha {weights.alpha:g}, beta {weights.beta:g})"
        )

    def _build_trie(self, spellings: Mapping[str, tuple[int, ...]]) -> Any:
        from flashlight.lib.text.decoder import SmearingMode, Trie

        trie = Trie(len(self._columns), _SILENCE)
        start = self._scorer.start()
        scored = [(self._scorer.model.score(start, self._scorer.index(word))[1], word) for word in spellings]
        num_words: Counter[tuple[int, ...]] = Counter()
        for score, word in sorted(scored, reverse=True):
            num_words[spellings[word]] += 1
            if num_words[spellings[word]] <= _MOST_HOMOPHONES:
                trie.insert(list(spellings[word]), self._scorer.index(word), score)
        trie.smear(SmearingMode.MAX)
        return trie

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        log_probs = mask_special(emission)
        runs = _runs(log_probs)
        matrix = search_matrix(log_probs[[run[log_probs[run].max(axis=1).argmax()] for run in runs]], self._columns, 0)
        matrix[:, _SILENCE] = -math.inf
        hypotheses: dict[str, Hypothesis] = {}
        for result in find(self._compiled, matrix):
            path = np.repeat(self._columns[path_of(result)][:-1], [len(run) for run in runs])
            words = [self._scorer.word(index) for index in result.words if index >= 0]
            hypothesis = Hypothesis(to_words(self._on_path(path, words), emission), float(result.score))
            hypotheses.setdefault(hypothesis.text, hypothesis)
            if len(hypotheses) >= count:
                break
        return list(hypotheses.values())

    def _on_path(self, path: Path, words: list[str]) -> list[PathWord]:
        """The words that a path was found for, with their symbols."""
        tokens = iter(collapse(path, self._vocabulary.blank))
        return [PathWord(word, tuple(islice(tokens, len(self._spellings[word])))) for word in words]


def _runs(log_probs: LogProbs) -> list[Path]:
    """The frames of each run with the same likeliest symbol."""
    best = log_probs.argmax(axis=1)
    return np.split(np.arange(len(best)), np.flatnonzero(np.diff(best)) + 1)
