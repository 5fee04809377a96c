"""The trellis of lyrics: a chain of states, and the score of each state in each frame of a song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.tokens import TokenizedLine
from lyricsrec.decoding.ctc_path import mask_special
from lyricsrec.decoding.emission import Emission

Indices = npt.NDArray[np.intp]
Scores = npt.NDArray[np.float32]

IMPOSSIBLE = np.float32(-1e30)
IN_WORD, IN_LINE, BETWEEN_LINES = -3, -2, -1
"""Columns of a score table for the pauses within a word, within a line, and between lines."""

_RARE = 1e-6


@dataclass(frozen=True, eq=False)
class Trellis:
    """States in the order of the lyrics: a pause between lines, the tokens and pauses of a line, the next pause, ...

    `columns` is the column of the score table that each state reads. A path stays in a state, goes on to the next one,
    or jumps over a pause to the token after it, unless that repeats the token before: `jumps` is then `IMPOSSIBLE`,
    else 0 (CTC; Graves et al. 2006). `skip_states` are the pauses between lines, the first and the last included: from
    each, the path may skip to any later one without taking a frame, at the difference of their `skip_costs`.
    `first` and `last` are the states of each word's first and last token.
    """

    columns: Indices
    jumps: Scores
    skip_states: Indices
    _: KW_ONLY
    skip_costs: Scores
    first: Indices
    last: Indices

    def __len__(self) -> int:
        return len(self.columns)


def build_trellis(lines: Sequence[TokenizedLine], config: AlignConfig) -> Trellis:
    """The trellis of some lines, in their order."""
    columns = [BETWEEN_LINES]
    first, last, skip_states = [], [], [0]
    for line in lines:
        for i, word in enumerate(line.words):
            if i:
                # Words without tokens may be left out in between: any sound is allowed there.
                columns.append(IN_LINE if word.word == line.words[i - 1].word + 1 else BETWEEN_LINES)
            first.append(len(columns))
            for j, part in enumerate(word.parts):
                if j:
                    columns.append(IN_LINE)
                for k, token in enumerate(part):
                    columns += [IN_WORD, token] if k else [token]
            last.append(len(columns) - 1)
        skip_states.append(len(columns))
        columns.append(BETWEEN_LINES)
    skip_costs = accumulate((skip_cost(line, config) for line in lines), initial=0.0)
    chain = np.array(columns, np.intp)
    return Trellis(
        chain,
        _jumps(chain),
        np.array(skip_states, np.intp),
        skip_costs=np.array(list(skip_costs), np.float32),
        first=np.array(first, np.intp),
        last=np.array(last, np.intp),
    )


def skip_cost(line: TokenizedLine, config: AlignConfig) -> float:
    """The cost of skipping a line, in nats."""
    return config.skip_line_cost + config.skip_token_cost * line.num_tokens


def _jumps(columns: Indices) -> Scores:
    """The score of reaching each state from the one two before."""
    jumps = np.full(len(columns), IMPOSSIBLE, np.float32)
    is_token = columns >= 0
    jumps[2:][is_token[2:] & is_token[:-2] & (columns[2:] != columns[:-2])] = 0.0
    return jumps


def score_table(emission: Emission, config: AlignConfig) -> Scores:
    """Scores (frames, symbols + 3) in nats, at most 0: the symbols', then those of the three kinds of pauses.

    Each symbol's probability is divided by a power of its mean over the song (its label prior), and all are scaled to
    sum to 1 again; blank and space count as one. `AlignConfig` limits how low a score may be.
    """
    vocabulary = emission.vocabulary
    if not len(emission.log_probs):
        return np.empty((0, len(vocabulary.labels) + 3), np.float32)
    pauses = [vocabulary.blank] + ([] if vocabulary.space is None else [vocabulary.space])
    log_probs = mask_special(emission)
    probs = np.exp(log_probs)
    silent = probs[:, pauses].sum(axis=1)
    table = np.empty((len(probs), len(vocabulary.labels) + 3), np.float32)
    np.subtract(log_probs, config.prior_weight * np.log(probs.mean(axis=0) + _RARE), out=table[:, :-3])
    table[:, pauses] = -np.inf
    pause = np.log(silent + _RARE) - config.prior_weight * np.log(silent.mean() + _RARE)
    total = np.log(np.exp(table[:, :-3]).sum(axis=1) + np.exp(pause))
    table[:, :-3] -= total[:, None]
    pause -= total
    np.maximum(table[:, :-3], -config.max_token_cost, out=table[:, :-3])
    table[:, IN_WORD] = np.maximum(pause, -config.max_token_cost) - config.word_pause_cost
    table[:, IN_LINE] = np.maximum(pause, -config.max_word_gap_cost) - config.line_pause_cost
    table[:, BETWEEN_LINES] = np.maximum(pause, -config.max_line_gap_cost)
    return table
