"""Votes from other places of a song: what is sung twice can be read twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from lyricsrec.decoding.voting.vote import words_of


def retold(texts: Sequence[str], least: float) -> list[list[str]]:
    """For each text, versions in which a passage is replaced by the similar one of another text.

    The similar passages of two texts are those of their best local alignment (Smith and Waterman 1981). Two words score
    between 1, if they are equal, and -1, if they have no letter in common; a word without a partner scores -1. Passages
    whose score is below `least` are not similar.
    """
    words = [[word for word in text.split() if words_of(word)] for text in texts]
    keys = [[words_of(word)[0] for word in text] for text in words]
    return [
        [
            " ".join([*words[i][:a], *words[j][c:d], *words[i][b:]])
            for j in range(len(texts))
            if j != i
            for a, b, c, d in _similar(keys[i], keys[j], least)
        ]
        for i in range(len(texts))
    ]


def _similar(words: Sequence[str], others: Sequence[str], least: float) -> Iterator[tuple[int, int, int, int]]:
    """The similar passages words[a:b] and others[c:d], if there are any."""
    if not words or not others:
        return
    pairs = cdist(words, others, scorer=fuzz.ratio).astype(float) / 50 - 1
    steps = np.arange(len(others) + 1.0)
    scores = np.zeros((len(words) + 1, len(others) + 1))
    for i, row in enumerate(pairs):
        best = np.maximum(scores[i] - 1, 0)
        best[1:] = np.maximum(best[1:], scores[i, :-1] + row)
        scores[i + 1] = np.maximum.accumulate(best + steps) - steps
    b, d = (int(i) for i in np.unravel_index(scores.argmax(), scores.shape))
    if scores[b, d] < least:
        return
    a, c = b, d
    while scores[a, c] > 0:
        if a and c and np.isclose(scores[a, c], scores[a - 1, c - 1] + pairs[a - 1, c - 1]):
            a, c = a - 1, c - 1
        elif a and np.isclose(scores[a, c], scores[a - 1, c] - 1):
            a -= 1
        else:
            c -= 1
    yield a, b, c, d
