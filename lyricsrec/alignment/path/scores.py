"""What each frame of a song says to each symbol and to each kind of pause."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lyricsrec.alignment.path.graph import BETWEEN_LINES, IN_LINE, IN_WORD
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.decoding.ctc_path import sung_log_probs
from lyricsrec.decoding.emission import Emission

Scores = npt.NDArray[np.float32]

_RARE = 1e-6


def score_table(emission: Emission, config: AlignConfig) -> Scores:
    """Scores (frames, symbols + 3) in nats, none above 0: the symbols', then those of the pauses.

    Each symbol's probability is divided by a power of its mean over the song, and all are scaled to sum to 1 again;
    blank and space count as one. `AlignConfig` says how far a score may fall.
    """
    vocabulary = emission.vocabulary
    if not len(emission.log_probs):
        return np.empty((0, len(vocabulary.labels) + 3), np.float32)
    pauses = [vocabulary.blank] + ([] if vocabulary.space is None else [vocabulary.space])
    log_probs = sung_log_probs(emission)
    probs = np.exp(log_probs)
    silent = probs[:, pauses].sum(axis=1)
    table = np.empty((len(probs), len(vocabulary.labels) + 3), np.float32)
    np.subtract(log_probs, config.prior * np.log(probs.mean(axis=0) + _RARE), out=table[:, :-3])
    table[:, pauses] = -np.inf
    pause = np.log(silent + _RARE) - config.prior * np.log(silent.mean() + _RARE)
    total = np.log(np.exp(table[:, :-3]).sum(axis=1) + np.exp(pause))
    table[:, :-3] -= total[:, None]
    pause -= total
    np.maximum(table[:, :-3], -config.letter_price, out=table[:, :-3])
    table[:, IN_WORD] = np.maximum(pause, -config.letter_price) - config.word_pause
    table[:, IN_LINE] = np.maximum(pause, -config.word_gap_price) - config.line_pause
    table[:, BETWEEN_LINES] = np.maximum(pause, -config.line_gap_price)
    return table
