"""Prefix beam search by pyctcdecode: open vocabulary, hot words, with or without a language model."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from lyricsrec.base.errors import ModelError
from lyricsrec.decoding.ctc_path import display_text, mask_special
from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.decoding.hypothesis import Hypothesis, WeightedDecoder
from lyricsrec.decoding.kenlm_file import unreadable
from lyricsrec.decoding.language_model import LanguageModel, quiet_kenlm
from lyricsrec.decoding.settings import DecodeConfig, Weights
from lyricsrec.lyrics.transcript import Word

_SHORTEST = -1e4
_WITHOUT = (
    "It exists for Python below 3.13 (pip install pyctcdecode). Without it, leave out --search and --hotword, and give "
    "--lm a folder made by `lyricsrec lm build` or an ARPA file, whose words are known."
)


class PrefixDecoder(WeightedDecoder):
    """Searches over letters, and scores the words with a KenLM model where there is one.

    Raises ModelError at construction when the language model cannot be read or the vocabulary cannot be searched.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig, model: LanguageModel | None = None) -> None:
        super().__init__(vocabulary)
        self._config, self._model = config, model
        labels = _pyctcdecode_labels(vocabulary)
        if model is not None:
            labels = [model.fold(label) for label in labels]
        self._decoder = _build_decoder(labels, model)
        self._letter_index = {label: i for i, label in enumerate(labels)}
        self._original = dict(zip(labels, vocabulary.labels, strict=True))
        self.set_weights(config.weights(model.tuned if model else None))

    def set_weights(self, weights: Weights) -> None:
        """Set the weights of later searches; the language model is not read again."""
        self._beam_width = weights.beam_width
        self._decoder.reset_params(float(weights.alpha), float(weights.beta))
        with_lm = f" + {self._model.name} (alpha {weights.alpha:g}, beta {weights.beta:g})" if self._model else ""
        self.name = f"prefix beam {weights.beam_width}{with_lm}"

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        hotwords = [self._cased(word) for word in self._config.hotwords]
        beams = self._decoder.decode_beams(
            np.maximum(mask_special(emission), _SHORTEST),
            beam_width=self._beam_width,
            hotwords=hotwords or None,
            hotword_weight=self._config.hotword_weight,
        )
        return [Hypothesis(self._words(beam[2], emission), float(beam[4])) for beam in beams[:count]]

    def _words(self, timed: list[tuple[str, tuple[int, int]]], emission: Emission) -> tuple[Word, ...]:
        return tuple(self._word(text, first, last, emission) for text, (first, last) in timed if text)

    def _word(self, text: str, first: int, last: int, emission: Emission) -> Word:
        letters = self._symbols(text)
        frames = emission.log_probs[first : max(last, first + 1)]
        confidence = float(np.exp(frames[:, letters].max(axis=0).mean())) if letters and len(frames) else None
        start_s, end_s = emission.time_s(first), emission.time_s(max(last, first + 1))
        # Back from the language model's case to the recogniser's.
        original = "".join(self._original.get(c, c) for c in text)
        return Word(display_text(original, self._vocabulary), start_s, end_s, confidence=confidence)

    def _symbols(self, text: str) -> list[int]:
        """The symbols of a word in the language model's case."""
        if self._vocabulary.space is None:
            return list(self._vocabulary.symbols_of("".join(self._original.get(c, c) for c in text)))
        return [self._letter_index[c] for c in text if c in self._letter_index]

    def _cased(self, word: str) -> str:
        if word in self._letter_index or all(c in self._letter_index for c in word):
            return word
        return word.upper() if all(c in self._letter_index for c in word.upper()) else word.lower()


def _pyctcdecode_labels(vocabulary: Vocabulary) -> list[str]:
    labels = list(vocabulary.labels)
    labels[vocabulary.blank] = ""
    if vocabulary.space is not None:
        labels[vocabulary.space] = " "
    if vocabulary.unknown is not None:
        labels[vocabulary.unknown] = "⁇"
    return labels


def _build_decoder(labels: list[str], model: LanguageModel | None) -> Any:
    logging.getLogger("pyctcdecode").setLevel(logging.ERROR)
    try:
        from pyctcdecode import build_ctcdecoder
    except ImportError:
        raise ModelError("the prefix search needs pyctcdecode, which is not installed", _WITHOUT) from None

    unigrams = sorted(model.words) if model and model.words is not None else None
    try:
        with quiet_kenlm():
            return build_ctcdecoder(labels, str(model.path) if model else None, unigrams)
    except OSError:
        raise unreadable(model.path if model else None) from None
    except ValueError as error:
        raise ModelError(f"the recogniser's vocabulary does not suit beam search: {error}", "Use --beam 1.") from None
