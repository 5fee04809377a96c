"""Paths through an emission: one symbol a frame, and the words that they make up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lyricsrec.decoding.emission import WORD_MARK, Emission, LogProbs, Vocabulary
from lyricsrec.lyrics.transcript import Word

Path = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Token:
    """A symbol and its frames, from `first` to `last` inclusive."""

    label: int
    first: int
    last: int


@dataclass(frozen=True)
class PathWord:
    """A word on a path and its symbols without blanks."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def first(self) -> int:
        """Its first frame."""
        return self.tokens[0].first

    @property
    def last(self) -> int:
        """Its last frame."""
        return self.tokens[-1].last


def best_path(emission: Emission) -> Path:
    """The likeliest symbol of each frame, special symbols excluded."""
    return np.asarray(mask_special(emission).argmax(axis=1), np.int64)


def mask_special(emission: Emission) -> LogProbs:
    """The log-probabilities, with those of special symbols set to minus infinity."""
    special = list(emission.vocabulary.special)
    if not special:
        return emission.log_probs
    log_probs = emission.log_probs.copy()
    log_probs[:, special] = -np.inf
    return log_probs


def path_words(path: Path, vocabulary: Vocabulary) -> list[PathWord]:
    """The words of a path: repeats are one symbol unless separated by a blank (Graves et al. 2006)."""
    words: list[PathWord] = []
    tokens: list[Token] = []

    def close() -> None:
        text = "".join(vocabulary.labels[token.label] for token in tokens).lstrip(WORD_MARK)
        if text:
            words.append(PathWord(text, tuple(tokens)))
        tokens.clear()

    for token in collapse(path, vocabulary.blank):
        if token.label == vocabulary.space or vocabulary.labels[token.label].startswith(WORD_MARK):
            close()
        if token.label not in (vocabulary.space, vocabulary.unknown):
            tokens.append(token)
    close()
    return words


def to_words(words: Iterable[PathWord], emission: Emission) -> tuple[Word, ...]:
    """Words with times in seconds of the song and confidences: geometric means of the symbols' peak probabilities."""
    return tuple(_to_word(word, emission) for word in words)


def _to_word(word: PathWord, emission: Emission) -> Word:
    # Most symbols last one or two frames, so reading single values is faster than slicing.
    read = emission.log_probs.item
    peaks = [max(read(frame, t.label) for frame in range(t.first, t.last + 1)) for t in word.tokens]
    start_s, end_s = emission.time_s(word.first), emission.time_s(word.last + 1)
    return Word(
        display_text(word.text, emission.vocabulary), start_s, end_s, confidence=math.exp(sum(peaks) / len(peaks))
    )


def display_text(text: str, vocabulary: Vocabulary) -> str:
    """A word as displayed: in lower case if the vocabulary has capitals only."""
    return text.lower() if vocabulary.upper_case else text


def collapse(path: Path, blank: int) -> list[Token]:
    """The symbols of a path without blanks, repeats collapsed."""
    firsts, lasts = np.flatnonzero(np.diff(path, prepend=-1)), np.flatnonzero(np.diff(path, append=-1))
    labels = path[firsts]
    kept = labels != blank
    return [Token(*token) for token in zip(*(part[kept].tolist() for part in (labels, firsts, lasts)), strict=True)]
