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
from lyricsrec.decoding.language_model import LanguageModel, quiet_kenlm, unreadable
from lyricsrec.decoding.search.frames import BEAM_THRESHOLD, BLANK, find, path_of, search_matrix
from lyricsrec.decoding.settings import DecodeConfig, Weights

_LN_10 = math.log(10)
_SPACE = 1
_TOKENS_PER_FRAME = 15
_SURELY_BLANK = math.log(0.9999)
_UNKNOWN = "<unk>"


class LexiconDecoder(WeightedDecoder):
    """Finds the likeliest sequence of a language model's words; other words where the sound insists on them.

    `score = ln P(sound | letters) + alpha ln P(words) + beta * number of words`, the sum over all ways to spell the
    words in time, as pyctcdecode has it. The search itself knows only the model's words. Where the likeliest letters
    spell another one (a name, slang), that takes the place of what was found if the sound gains more by it than the
    language model charges: its probability of unknown words, and `unknown_price` for each letter, since that
    probability is shared by all words there could be.

    Frames that are surely blank count once in a row: nothing else can be spelled there. Time grows with the beam and
    with the frames, memory with their product (about 25 MB a minute at 100 beams and 50 frames a second).

    Raises ModelError at construction when the language model cannot be read.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig, model: LanguageModel) -> None:
        assert vocabulary.space is not None
        assert model.words is not None
        super().__init__(vocabulary)
        self._model = model
        # The search's own symbols: blank, space, letters. Letters that the model's case makes alike are one.
        letters = {model.fold(vocabulary.labels[i]): i for i in reversed(_letter_indices(vocabulary))}
        self._columns = np.array([vocabulary.blank, vocabulary.space, *letters.values()])
        self._symbols = {letter: i for i, letter in enumerate(letters, _SPACE + 1)}
        spellings = {word: _spelling(word, self._symbols) for word in model.words}
        self._scorer = _Scorer(model, [word for word, spelling in spellings.items() if spelling], config)
        self._trie = _build_trie(spellings, self._scorer, len(self._columns))
        self.weigh(config.weights(model.tuned))

    def weigh(self, weights: Weights) -> None:
        """Search with these weights from now on; the language model is not read again."""
        self._scorer.weights = weights
        self._compiled = _build_search(self._trie, self._scorer, len(self._columns))
        self.name = (
            f"lexicon beam {weights.beam_width} + {self._model.name} (alpha {weights.alpha:g}, beta {weights.beta:g})"
        )

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        # A space after the end closes the last word.
        matrix = search_matrix(mask_special(emission), self._columns, _SPACE)
        kept = _frames_that_matter(matrix)
        best = best_path(emission)
        heard = path_words(best, self._vocabulary)
        readings: dict[str, Hypothesis] = {}
        for result in find(self._compiled, matrix[kept]):
            path = np.full(len(matrix), self._vocabulary.blank, np.int64)
            path[kept] = self._columns[path_of(result)]
            path = path[:-1]
            found = heard if np.array_equal(path, best) else self._opened(path, heard, emission)
            reading = Hypothesis(to_words(found, emission), float(result.score))
            readings.setdefault(reading.text, reading)
            if len(readings) >= count:
                break
        return list(readings.values())

    def _opened(self, path: Path, heard: Sequence[PathWord], emission: Emission) -> list[PathWord]:
        """The words of a path, some of them replaced by unknown ones that were heard."""
        found = path_words(path, self._vocabulary)
        if all(map(self._scorer.knows, self._texts(heard))):
            return found
        loss = emission.log_probs.max(axis=1) - np.take_along_axis(emission.log_probs, path[:, None], 1)[:, 0]
        state = self._scorer.start()
        words: list[PathWord] = []
        for stretch in _stretches(found, heard):
            chosen = stretch.found
            found_state, found_score = self._scorer.score(state, self._texts(stretch.found))
            heard_texts = self._texts(stretch.heard)
            if heard_texts and not all(map(self._scorer.knows, heard_texts)):
                heard_state, heard_score = self._scorer.score(state, heard_texts)
                if loss[stretch.first : stretch.last + 1].sum() > found_score - heard_score:
                    chosen, found_state = stretch.heard, heard_state
            state = found_state
            words += chosen
        return words

    def _texts(self, words: Sequence[PathWord]) -> list[str]:
        return [self._model.fold(word.text) for word in words]


@dataclass(frozen=True)
class _Stretch:
    """What two paths say of the same frames, between pauses that both of them make."""

    first: int
    last: int
    found: tuple[PathWord, ...]
    _: KW_ONLY
    heard: tuple[PathWord, ...]


def _stretches(found: Sequence[PathWord], heard: Sequence[PathWord]) -> Iterator[_Stretch]:
    waiting = sorted(
        [(word.first, 0, word) for word in found] + [(word.first, 1, word) for word in heard], key=lambda item: item[:2]
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
    found, heard = (tuple(word for source, word in group if source == which) for which in (0, 1))
    return _Stretch(group[0][1].first, last, found, heard=heard)


class _Scorer:
    """Words weighed by the language model, in the units of the search; `weights` may change."""

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

    def start(self) -> Any:
        """The state before the first word."""
        return self.model.start(False)

    def score(self, state: Any, words: Sequence[str]) -> tuple[Any, float]:
        """The state after some words, and what they add to the score of the search."""
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


def _build_trie(spellings: dict[str, list[int]], scorer: _Scorer, num_symbols: int) -> Any:
    """The spellings of all words, each with the best it can become by the language model, whatever that weighs."""
    from flashlight.lib.text.decoder import SmearingMode, Trie

    trie = Trie(num_symbols, _SPACE)
    start = scorer.start()
    for word, spelling in spellings.items():
        if spelling:
            index = scorer.index(word)
            trie.insert(spelling, index, scorer.model.score(start, index)[1])
    trie.smear(SmearingMode.MAX)
    return trie


def _build_search(trie: Any, scorer: _Scorer, num_symbols: int) -> Any:
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
    return Search(options, trie, scorer.model, _SPACE, BLANK, scorer.unknown, [], False)


def _letter_indices(vocabulary: Vocabulary) -> list[int]:
    unsung = {vocabulary.blank, vocabulary.space, vocabulary.unknown, *vocabulary.special}
    return [i for i in range(len(vocabulary.labels)) if i not in unsung]


def _spelling(word: str, symbols: dict[str, int]) -> list[int]:
    """The symbols of a word and the space after it; none when a letter is missing."""
    if word.startswith("<") or not all(letter in symbols for letter in word):
        return []
    return [*(symbols[letter] for letter in word), _SPACE]


def _frames_that_matter(matrix: LogProbs) -> Path:
    """Frame numbers without all but the first of each run of surely blank ones."""
    blank = matrix[:, BLANK] > _SURELY_BLANK
    again = np.concatenate([[False], blank[1:] & blank[:-1]])
    return np.asarray(np.flatnonzero(~again), np.int64)
