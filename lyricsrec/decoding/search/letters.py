"""Beam search without a language model, by flashlight's compiled decoder (Kahn et al., ICML 2022)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

import numpy as np

from lyricsrec.decoding.ctc_path import Path, mask_special, path_words, to_words
from lyricsrec.decoding.emission import Emission, LogProbs, Vocabulary
from lyricsrec.decoding.hypothesis import Hypothesis, SearchDecoder
from lyricsrec.decoding.search.frames import BEAM_THRESHOLD, BLANK, NEVER, find, path_of, search_matrix
from lyricsrec.decoding.settings import DecodeConfig

_TOKENS_PER_FRAME = 8
_CERTAIN = math.log(0.999)


class LetterDecoder(SearchDecoder):
    """Finds the likeliest sequence of symbols, summed over all its alignments in time (Graves et al. 2006).

    Symbols may be letters and a word delimiter, or word pieces. Of several sequences with the same words the likeliest
    counts.

    Where one symbol has almost all the probability of a frame, what follows does not depend on what came before: the
    emission is cut there, each stretch of uncertain frames is searched separately, and their hypotheses are joined.
    Time grows with the beam and with the uncertain frames, memory with the beam and the longest stretch.
    """

    def __init__(self, vocabulary: Vocabulary, config: DecodeConfig) -> None:
        from flashlight.lib.text.decoder import CriterionType, LexiconFreeDecoder, LexiconFreeDecoderOptions, ZeroLM

        super().__init__(vocabulary)
        others = set(range(len(vocabulary.labels))) - {vocabulary.blank, *vocabulary.special}
        self._columns = np.array([vocabulary.blank, *sorted(others)])
        self._beam_width = config.weights().beam_width
        options = LexiconFreeDecoderOptions(
            beam_size=self._beam_width,
            beam_size_token=min(_TOKENS_PER_FRAME, len(self._columns)),
            beam_threshold=BEAM_THRESHOLD,
            lm_weight=0.0,
            sil_score=0.0,
            log_add=True,
            criterion_type=CriterionType.CTC,
        )
        # Flashlight takes its silence symbol as the one before the first frame, which is right for the blank only.
        self._compiled = LexiconFreeDecoder(options, ZeroLM(), BLANK, BLANK, [])
        self.name = f"letter beam {self._beam_width}"

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        matrix = search_matrix(mask_special(emission), self._columns, BLANK)
        uncertain = _fix_certain(matrix)
        # More than asked for, since several symbol sequences may have the same words.
        width = 1 if count == 1 else max(count, self._beam_width)
        joined = [_Joined(0.0, ())]
        for first, last in uncertain:
            joined = _join(joined, first, find(self._compiled, matrix[first:last])[:width], width)
        certain = matrix.argmax(axis=1)
        found: dict[str, Hypothesis] = {}
        for likely in joined:
            path = self._columns[likely.path(certain)[:-1]]
            hypothesis = Hypothesis(to_words(path_words(path, self._vocabulary), emission), likely.score)
            found.setdefault(hypothesis.text, hypothesis)
        return list(found.values())[:count]


@dataclass(frozen=True)
class _Joined:
    """Results of successive stretches, each with its first frame."""

    score: float
    stretches: tuple[tuple[int, Any], ...]

    def path(self, certain: Path) -> Path:
        """The symbol of each frame; `certain` gives those outside the stretches."""
        path = certain.copy()
        for first, result in self.stretches:
            symbols = path_of(result)
            path[first : first + len(symbols)] = symbols
        return path


def _fix_certain(matrix: LogProbs) -> list[tuple[int, int]]:
    """Give certain frames one symbol of probability 1; returns the stretches of the others (first frame, end).

    Each stretch includes a certain frame on both sides (except at the start of the song), which shows the search the
    symbol that continues and merges results that differ only in how they end.
    """
    certain = matrix.max(axis=1) > _CERTAIN
    symbols = matrix[certain].argmax(axis=1)
    matrix[certain] = NEVER
    matrix[certain, symbols] = 0.0
    bounds: list[int] = np.flatnonzero(np.diff(~certain, prepend=False)).tolist()
    return [(max(first - 1, 0), end + 1) for first, end in zip(bounds[::2], bounds[1::2], strict=True)]


def _join(before: Sequence[_Joined], first: int, found: Sequence[Any], width: int) -> list[_Joined]:
    """The likeliest `width` continuations; both lists are sorted, so most pairs can be skipped."""
    pairs = (
        (joined.score + result.score, joined, result)
        for i, joined in enumerate(before)
        for result in found[: width // (i + 1)]
    )
    return [
        _Joined(score, (*joined.stretches, (first, result)))
        for score, joined, result in nlargest(width, pairs, key=lambda pair: pair[0])
    ]
