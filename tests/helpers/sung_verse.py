"""Hand-written log-probabilities of a sung verse, its text, and the exact start of every word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lyricsrec.decoding.emission import Emission, Vocabulary
from lyricsrec.lyrics.transcript import Line

ALPHABET = Vocabulary(("-", "|", "'", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"), blank=0, space=1)
VERSE = [(2.0, "the river runs"), (5.0, "over the stones"), (9.0, "down to the sea")]
TEXT = ("The river runs,", "over the stones", "down to the sea.")
TIMES = [[2.0, 2.4, 3.0], [5.0, 5.5, 5.9], [9.0, 9.5, 9.8, 10.2]]


def sing(sung: Sequence[tuple[float, str]], seconds: float, certainty: float = 0.9) -> Emission:
    """Log-probabilities of texts from given times on: a letter two frames, a pause three; blank elsewhere."""
    labels, frame_s = ALPHABET.labels, 0.02
    best = np.zeros(round(seconds / frame_s), np.intp)
    for start_s, text in sung:
        for i, letter in enumerate(text.upper().replace(" ", "|")):
            first = round(start_s / frame_s) + 5 * i
            best[first : first + 2] = labels.index(letter)
    probs = np.full((len(best), len(labels)), (1 - certainty) / (len(labels) - 1))
    probs[np.arange(len(best)), best] = certainty
    return Emission(np.log(probs).astype(np.float32), frame_s, 0.0, vocabulary=ALPHABET)


def starts(timed: Sequence[Line]) -> list[list[float | None]]:
    return [[word.start_s for word in line.words] for line in timed]
