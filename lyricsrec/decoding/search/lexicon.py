"""Beam search over the words of a language model, by flashlight's compiled decoder (Kahn et al., ICML 2022)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from lyricsrec.decoding.ctc_path import Path, PathWord, best_path, mask_special, path_words, to_words
from lyricsrec.decoding.emission import Emission, LogProbs, Vocabulary
from lyricsrec.decoding.hypothesis import Hypothesis, WeightedDecoder
from lyricsrec.decoding.language_model import LanguageModel
from lyricsrec.decoding.search.compiled import Scorer, build_search
from lyricsrec.decoding.search.frames import BLANK, find, path_of, search_matrix
from lyricsrec.decoding.settings import DecodeConfig, Weights

_LN_10 = math.log(10)
_SPACE = 1
_CERTAINLY_BLANK = math.log(0.9999)


class LexiconDecoder(WeightedDecoder):
    """Finds the likeliest sequence of a language model's words, and unknown words where the emission favours them.

    `score = ln P(letters | audio) + alpha ln P(words) + beta * number of words`, summed over all alignments of the
    letters in time, as in pyctcdecode. The search itself knows only the model's words. Where the greedy path contains
    another word (a name, slang), it replaces the words found there if its gain in acoustic log-probability exceeds its
    language model cost: the probability of unknown words, and `unknown_price` for each letter, since all possible
    unknown words share that probability.

    Consecutive frames that are almost certainly blank count as one. Time grows with the beam and
    with the frames, memory with their product (about 25 MB a minute at 100 beams and 50 frames a second).

    Raises ModelError at construction when the language model cannot be read.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig, model: LanguageModel) -> None:
        assert vocabulary.space is not None
        assert model.words is not None
        super().__init__(vocabulary)
        self._model = model
        # The search's symbols: blank, space, letters. Letters that are equal in the model's case are one symbol.
        letters = {model.fold(vocabulary.labels[i]): i for i in reversed(_letter_indices(vocabulary))}
        self._columns = np.array([vocabulary.blank, vocabulary.space, *letters.values()])
        self._symbols = {letter: i for i, letter in enumerate(letters, _SPACE + 1)}
        symbols = {word: _symbols_of(word, self._symbols) for word in model.words}
        self._scorer = Scorer(model, [word for word, indices in symbols.items() if indices], config)
        self._trie = _build_trie(symbols, self._scorer, len(self._columns))
        self.set_weights(config.weights(model.tuned))

    def set_weights(self, weights: Weights) -> None:
        """Set the weights of later searches; the language model is not read again."""
        self._scorer.weights = weights
        self._compiled = build_search(self._trie, self._scorer, len(self._columns), silence=_SPACE)
        self.name = (
            f"lexicon beam {weights.beam_width} + {self._model.name} (alpha {weights.alpha:g}, beta {weights.beta:g})"
        )

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        # A space after the end closes the last word.
        matrix = search_matrix(mask_special(emission), self._columns, _SPACE)
        kept = _without_repeated_blanks(matrix)
        best = best_path(emission)
        greedy = path_words(best, self._vocabulary)
        hypotheses: dict[str, Hypothesis] = {}
        for result in find(self._compiled, matrix[kept]):
            path = np.full(len(matrix), self._vocabulary.blank, np.int64)
            path[kept] = self._columns[path_of(result)]
            path = path[:-1]
            words = greedy if np.array_equal(path, best) else self._with_unknown(path, greedy, emission)
            hypothesis = Hypothesis(to_words(words, emission), float(result.score))
            hypotheses.setdefault(hypothesis.text, hypothesis)
            if len(hypotheses) >= count:
                break
        return list(hypotheses.values())

    def _with_unknown(self, path: Path, greedy: Sequence[PathWord], emission: Emission) -> list[PathWord]:
        """The words of a path, some of them replaced by unknown words of the greedy path."""
        found = path_words(path, self._vocabulary)
        if all(map(self._scorer.knows, self._texts(greedy))):
            return found
        loss = emission.log_probs.max(axis=1) - np.take_along_axis(emission.log_probs, path[:, None], 1)[:, 0]
        state = self._scorer.start()
        words: list[PathWord] = []
        for stretch in _stretches(found, greedy):
            chosen = stretch.found
            found_state, found_score = self._scorer.score(state, self._texts(stretch.found))
            greedy_texts = self._texts(stretch.greedy)
            if greedy_texts and not all(map(self._scorer.knows, greedy_texts)):
                greedy_state, greedy_score = self._scorer.score(state, greedy_texts)
                if loss[stretch.first : stretch.last + 1].sum() > found_score - greedy_score:
                    chosen, found_state = stretch.greedy, greedy_state
            state = found_state
            words += chosen
        return words

    def _texts(self, words: Sequence[PathWord]) -> list[str]:
        return [self._model.fold(word.text) for word in words]


@dataclass(frozen=True)
class _Stretch:
    """The words of two paths on the same frames, bounded by gaps that both have."""

    first: int
    last: int
    found: tuple[PathWord, ...]
    _: KW_ONLY
    greedy: tuple[PathWord, ...]


def _stretches(found: Sequence[PathWord], greedy: Sequence[PathWord]) -> Iterator[_Stretch]:
    waiting = sorted(
        [(word.first, 0, word) for word in found] + [(word.first, 1, word) for word in greedy],
        key=lambda item: item[:2],
    )
    group: list[tuple[int, PathWord]] = []
    last = -1
    for first, source, word in waiting:
        if group and first > last:
            yield _stretch(group, last)
            group = []
        group.append((source, word))
        last = max(last, word.last)
    if group:
        yield _stretch(group, last)


def _stretch(group: Sequence[tuple[int, PathWord]], last: int) -> _Stretch:
    found, greedy = (tuple(word for source, word in group if source == which) for which in (0, 1))
    return _Stretch(group[0][1].first, last, found, greedy=greedy)


def _build_trie(symbols: dict[str, list[int]], scorer: Scorer, num_symbols: int) -> Any:
    """A trie of the words' symbols, each with the best language model score below it, independent of the weights."""
    from flashlight.lib.text.decoder import SmearingMode, Trie

    trie = Trie(num_symbols, _SPACE)
    start = scorer.start()
    for word, indices in symbols.items():
        if indices:
            index = scorer.index(word)
            trie.insert(indices, index, scorer.model.score(start, index)[1])
    trie.smear(SmearingMode.MAX)
    return trie


def _letter_indices(vocabulary: Vocabulary) -> list[int]:
    excluded = {vocabulary.blank, vocabulary.space, vocabulary.unknown, *vocabulary.special}
    return [i for i in range(len(vocabulary.labels)) if i not in excluded]


def _symbols_of(word: str, symbols: dict[str, int]) -> list[int]:
    """The symbols of a word and the space after it; empty when a letter is missing."""
    if word.startswith("<") or not all(letter in symbols for letter in word):
        return []
    return [*(symbols[letter] for letter in word), _SPACE]


def _without_repeated_blanks(matrix: LogProbs) -> Path:
    """Frame numbers, with only the first of each run of almost certainly blank frames."""
    blank = matrix[:, BLANK] > _CERTAINLY_BLANK
    again = np.concatenate([[False], blank[1:] & blank[:-1]])
    return np.asarray(np.flatnonzero(~again), np.int64)
