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
_SURELY = math.log(0.999)


class LetterDecoder(SearchDecoder):
    """Finds the likeliest sequence of symbols, the sum over all ways to place it in time (Graves et al. 2006).

    Symbols may be letters and a word delimiter, or word pieces. Of spellings of the same words the likeliest counts.

    Nothing after a frame that surely is one symbol depends on what came before it: the emission is cut there, each
    stretch of unsure frames is searched on its own, and their readings are joined. Time grows with the beam and with
    the unsure frames, memory with the beam and the longest stretch.
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
        # It takes what it calls silence for the symbol before the first frame, as is right for the blank only.
        self._compiled = LexiconFreeDecoder(options, ZeroLM(), BLANK, BLANK, [])
        self.name = f"letter beam {self._beam_width}"

    def _search(self, emission: Emission, count: int) -> list[Hypothesis]:
        matrix = search_matrix(mask_special(emission), self._columns, BLANK)
        unsure = _make_sure(matrix)
        # More than are wanted, since several spellings may be the same words.
        width = 1 if count == 1 else max(count, self._beam_width)
        joined = [_Joined(0.0, ())]
        for first, last in unsure:
            joined = _join(joined, first, find(self._compiled, matrix[first:last])[:width], width)
        surest = matrix.argmax(axis=1)
        readings: dict[str, Hypothesis] = {}
        for likely in joined:
            path = self._columns[likely.path(surest)[:-1]]
            reading = Hypothesis(to_words(path_words(path, self._vocabulary), emission), likely.score)
            readings.setdefault(reading.text, reading)
        return list(readings.values())[:count]


@dataclass(frozen=True)
class _Joined:
    """Readings of stretches, one after another; each stands beside its first frame."""

    score: float
    stretches: tuple[tuple[int, Any], ...]

    def path(self, surest: Path) -> Path:
        """The symbol of each frame, the surest one where no stretch lies."""
        path = surest.copy()
        for first, result in self.stretches:
            symbols = path_of(result)
            path[first : first + len(symbols)] = symbols
        return path


def _make_sure(matrix: LogProbs) -> list[tuple[int, int]]:
    """Make one symbol of frames that surely are that one; returns the stretches of others (first frame, end).

    Each stretch has a sure frame on both sides (but for the first frame of all): that tells it which symbol goes on,
    and makes one of readings that differ in nothing but how they end.
    """
    sure = matrix.max(axis=1) > _SURELY
    symbols = matrix[sure].argmax(axis=1)
    matrix[sure] = NEVER
    matrix[sure, symbols] = 0.0
    bounds: list[int] = np.flatnonzero(np.diff(~sure, prepend=False)).tolist()
    return [(max(first - 1, 0), end + 1) for first, end in zip(bounds[::2], bounds[1::2], strict=True)]


def _join(before: Sequence[_Joined], first: int, found: Sequence[Any], width: int) -> list[_Joined]:
    """The likeliest `width` ways to go on; both lists are in order, so that most pairs need no look."""
    pairs = (
        (joined.score + result.score, joined, result)
        for i, joined in enumerate(before)
        for result in found[: width // (i + 1)]
    )
    return [
        _Joined(score, (*joined.stretches, (first, result)))
        for score, joined, result in nlargest(width, pairs, key=lambda pair: pair[0])
    ]
