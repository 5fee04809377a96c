"""From CTC log-probabilities to timed words: greedy, or beam search with a language model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lyricsrec.config import DecodeConfig
from lyricsrec.emission import Emission, Vocabulary
from lyricsrec.errors import ModelError
from lyricsrec.transcript import Word

_WORD_MARK = "▁"


class Decoder(Protocol):
    """Turns an emission into words."""

    name: str

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song."""


@dataclass(frozen=True)
class _Token:
    label: int
    first: int
    last: int


class GreedyDecoder:
    """The likeliest symbol of each frame, repeats and blanks removed (Graves et al. 2006, best-path decoding)."""

    name = "greedy"

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song."""
        vocabulary = emission.vocabulary
        log_probs = _without_special(emission)
        best = log_probs.argmax(axis=1)
        words: list[Word] = []
        spelled: list[_Token] = []
        for token in _collapse(best, vocabulary.blank):
            starts_word = vocabulary.labels[token.label].startswith(_WORD_MARK)
            if token.label == vocabulary.space or starts_word:
                words += _spell(spelled, emission)
                spelled = []
            if token.label not in (vocabulary.space, vocabulary.unknown):
                spelled.append(token)
        return (*words, *_spell(spelled, emission))


def _collapse(best: np.ndarray[Any, Any], blank: int) -> list[_Token]:
    bounds = np.flatnonzero(np.diff(best)) + 1
    starts = [0, *bounds.tolist()] if len(best) else []
    ends = [*bounds.tolist(), len(best)]
    return [_Token(int(best[a]), a, b - 1) for a, b in zip(starts, ends, strict=False) if best[a] != blank]


def _spell(tokens: Sequence[_Token], emission: Emission) -> list[Word]:
    text = "".join(emission.vocabulary.labels[token.label] for token in tokens).lstrip(_WORD_MARK)
    if not text:
        return []
    peaks = [emission.log_probs[t.first : t.last + 1, t.label].max() for t in tokens]
    start_s, end_s = emission.time_s(tokens[0].first), emission.time_s(tokens[-1].last + 1)
    return [Word(_shown(text, emission.vocabulary), start_s, end_s, float(np.exp(np.mean(peaks))))]


def _shown(text: str, vocabulary: Vocabulary) -> str:
    return text.lower() if vocabulary.upper_case else text


def _without_special(emission: Emission) -> np.ndarray[Any, Any]:
    log_probs = emission.log_probs.copy()
    log_probs[:, list(emission.vocabulary.special)] = -np.inf
    return log_probs


class BeamDecoder:
    """Prefix beam search by pyctcdecode, with an optional KenLM n-gram model and hot words.

    Raises ModelError at construction when the language model cannot be read or does not fit the vocabulary.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig) -> None:
        self._config = config
        self._vocabulary = vocabulary
        labels = _pyctcdecode_labels(vocabulary)
        unigrams = None
        if config.lm is not None:
            unigrams, fold = _read_lm(config.lm, vocabulary)
            labels = [fold(label) for label in labels]
        self._decoder = _build_decoder(labels, config, unigrams)
        self._letter_index = {label: i for i, label in enumerate(labels)}
        with_lm = f" + {config.lm.name} (alpha {config.alpha:g}, beta {config.beta:g})" if config.lm else ""
        self.name = f"beam {config.beam_width}{with_lm}"

    def decode(self, emission: Emission) -> tuple[Word, ...]:
        """Words in order, timed in seconds of the song.

        Raises ModelError for an emission over another vocabulary than the decoder was built for.
        """
        if emission.vocabulary.labels != self._vocabulary.labels:
            raise ModelError("the recogniser's vocabulary is not the decoder's")
        if not len(emission.log_probs):
            return ()
        hotwords = [self._cased(word) for word in self._config.hotwords]
        beams = self._decoder.decode_beams(
            np.maximum(_without_special(emission), -1e4),
            beam_width=self._config.beam_width,
            hotwords=hotwords or None,
            hotword_weight=self._config.hotword_weight,
        )
        if not beams:
            return ()
        return tuple(self._word(text, first, last, emission) for text, (first, last) in beams[0][2] if text)

    def _word(self, text: str, first: int, last: int, emission: Emission) -> Word:
        letters = [self._letter_index[c] for c in text if c in self._letter_index]
        frames = emission.log_probs[first : max(last, first + 1)]
        confidence = float(np.exp(frames[:, letters].max(axis=0).mean())) if letters and len(frames) else None
        start_s, end_s = emission.time_s(first), emission.time_s(max(last, first + 1))
        return Word(_shown(text, self._vocabulary), start_s, end_s, confidence)

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


def _build_decoder(labels: list[str], config: DecodeConfig, unigrams: Sequence[str] | None) -> Any:
    logging.getLogger("pyctcdecode").setLevel(logging.ERROR)
    from pyctcdecode import build_ctcdecoder

    try:
        return build_ctcdecoder(
            labels, str(config.lm) if config.lm else None, unigrams, alpha=config.alpha, beta=config.beta
        )
    except OSError:
        raise _unreadable_lm(config.lm) from None
    except ValueError as error:
        raise ModelError(f"the recogniser's vocabulary does not suit beam search: {error}", "Use --beam 1.") from None


def _read_lm(path: Path, vocabulary: Vocabulary) -> tuple[list[str] | None, Any]:
    """The words of a KenLM model (None for a binary, which does not list them) and how to case letters for it."""
    if path.name.endswith(".arpa"):
        from pyctcdecode.language_model import load_unigram_set_from_arpa

        try:
            words = sorted(load_unigram_set_from_arpa(str(path)))
        except (ValueError, IndexError):
            raise _unreadable_lm(path) from None
    else:
        words = None
    return words, _case_for(words, vocabulary, path)


def _unreadable_lm(path: Path | None) -> ModelError:
    return ModelError(f"{path}: KenLM cannot read it", "It should be an ARPA file or made by build_binary.")


def _case_for(words: Sequence[str] | None, vocabulary: Vocabulary, path: Path) -> Any:
    """A function on letters that makes the model's spelling that of the language model.

    Raises ModelError when in no case a tenth of the words can be spelled.
    """
    if words is None:
        import kenlm

        try:
            model = kenlm.Model(str(path))
        except OSError:
            raise _unreadable_lm(path) from None
        words = [w for common in ("the", "you", "and", "me", "love") for w in (common, common.upper()) if w in model]
    letters = "".join(vocabulary.letters)
    spelled = {fold: sum(set(word) <= set(fold(letters)) for word in words) for fold in (str, str.lower, str.upper)}
    best = max(spelled, key=lambda fold: spelled[fold])
    real_words = [word for word in words if not word.startswith("<")]
    if real_words and spelled[best] < 0.1 * len(real_words):
        strange = sorted(set("".join(real_words)) - set(letters.lower()) - set(letters.upper()))
        raise ModelError(
            f"the language model {path.name} does not fit the recogniser: its words use letters the recogniser "
            f"does not have ({' '.join(strange[:20])})",
            "Build the language model from text in the recogniser's alphabet.",
        )
    return best


def make_decoder(vocabulary: Vocabulary, config: DecodeConfig) -> Decoder:
    """The decoder that a configuration asks for, checked against a recogniser's vocabulary."""
    return GreedyDecoder() if config.greedy else BeamDecoder(vocabulary, config)
