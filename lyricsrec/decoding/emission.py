"""Emissions: the log-probabilities of a CTC recogniser over its vocabulary, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

WORD_MARK = "▁"
"""Marks the first symbol of a word in vocabularies without a word delimiter."""

LogProbs = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Vocabulary:
    """The output symbols of a CTC model, identified by their meaning rather than position.

    `labels` holds one string a symbol; `blank` is the index of the CTC blank, `space` that of the word delimiter
    (None where words begin with `▁` instead), `unknown` that of the unknown symbol, and `special` those of other
    symbols without text, such as sentence marks. `pronunciations` are the phonemes of words in upper case, for a model
    that outputs phonemes and has them.
    """

    labels: tuple[str, ...]
    blank: int
    space: int | None
    _: KW_ONLY
    unknown: int | None = None
    special: tuple[int, ...] = ()
    pronunciations: Mapping[str, tuple[str, ...]] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("blank", "space", "unknown"):
            index = getattr(self, name)
            if index is not None and not 0 <= index < len(self.labels):
                raise ValueError(f"{name} is symbol {index}, but there are only {len(self.labels)}")

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The labels that words consist of."""
        excluded = {self.blank, self.space, self.unknown, *self.special}
        return tuple(label for i, label in enumerate(self.labels) if i not in excluded)

    @cached_property
    def has_phonemes(self) -> bool:
        """Whether each symbol is a word of its own, as in models that output phonemes."""
        return self.space is None and bool(self.letters) and all(label.startswith(WORD_MARK) for label in self.letters)

    @cached_property
    def _by_label(self) -> dict[str, int]:
        letters = set(self.letters)
        return {label: i for i, label in enumerate(self.labels) if label in letters}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._by_label), default=0)

    def symbols_of(self, word: str) -> tuple[int, ...]:
        """The symbols of a word: the longest that match, from left to right; letters where none begins are left out.

        Where it has pronunciations, the phonemes of the word, none for an unknown one.
        """
        if self.pronunciations is not None:
            marked = (WORD_MARK + phoneme for phoneme in self.pronunciations.get(word.upper(), ()))
            return tuple(self._by_label[label] for label in marked if label in self._by_label)
        rest, found = word if self.space is not None else WORD_MARK + word, []
        while rest:
            length = next((n for n in range(min(self._longest, len(rest)), 0, -1) if rest[:n] in self._by_label), 0)
            if length:
                found.append(self._by_label[rest[:length]])
            rest = rest[max(length, 1) :]
        return tuple(found)

    def spelling(self, word: str) -> tuple[int, ...]:
        """The symbols of a word in the case that the vocabulary has; empty where a part of it has none."""
        if self.pronunciations is not None:
            found = self.symbols_of(word)
            return found if len(found) == len(self.pronunciations.get(word.upper(), ())) else ()
        for form in (word, word.upper(), word.lower()):
            found = self.symbols_of(form)
            if "".join(self.labels[index] for index in found).lstrip(WORD_MARK) == form:
                return found
        return ()

    @cached_property
    def upper_case(self) -> bool:
        """Whether it has capitals only, so that case has no meaning."""
        joined = "".join(self.letters)
        return joined != joined.lower() and joined == joined.upper()


@dataclass(frozen=True, eq=False)
class Emission:
    """Log-probabilities (frames, symbols), natural logarithm, of a stretch of a song.

    Frame `i` covers `frame_s` seconds from `start_s + i * frame_s`. This class is the only place where frames
    become seconds.
    """

    log_probs: LogProbs
    frame_s: float
    start_s: float
    _: KW_ONLY
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        if self.log_probs.ndim != 2 or self.log_probs.shape[1] != len(self.vocabulary.labels):
            raise ValueError(f"log_probs {self.log_probs.shape} do not fit {len(self.vocabulary.labels)} symbols")

    def time_s(self, frame: int) -> float:
        """When a frame begins, in seconds of the song."""
        return self.start_s + frame * self.frame_s

    @property
    def end_s(self) -> float:
        """Where the last frame ends, in seconds of the song."""
        return self.time_s(len(self.log_probs))


def average(emissions: Sequence[Emission]) -> Emission:
    """The mean of the probabilities of several emissions of the same stretch."""
    first = emissions[0]
    if len(emissions) == 1:
        return first
    summed = np.logaddexp.reduce([emission.log_probs for emission in emissions])
    return replace(first, log_probs=(summed - np.log(len(emissions))).astype(np.float32))
