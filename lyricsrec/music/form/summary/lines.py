"""Lines that stand for a song: the hook, and those that share most words with the others (LexRank, Erkan 2004)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lyricsrec.music.form.similarity import bare, similarities
from lyricsrec.music.form.summary.words import function_words, words_of

_SAME = 0.75
_DAMPING = 0.85
_ROUNDS = 50
_LONGEST_HOOK = 8
_SHORTEST_LINE = 3
_MAX_LINES = 1500


def repeated_lines(texts: Sequence[str]) -> dict[int, int]:
    """For each line that is unlike those before it, how often it is sung, by its number."""
    texts = texts[:_MAX_LINES]
    bares = [bare(text) for text in texts]
    same = similarities(bares) >= _SAME
    counts: dict[int, int] = {}
    for number in range(len(texts)):
        if bares[number]:
            first = next((other for other in counts if same[number, other]), number)
            counts[first] = counts.get(first, 0) + 1
    return counts


def hook_of(texts: Sequence[str]) -> tuple[str, int] | None:
    """The line of two words or more that is sung most, with its number of times; None where none is repeated."""
    counts = repeated_lines(texts)
    words = {number: len(words_of(texts[number])) for number in counts}
    several = [number for number, count in counts.items() if count > 1 and words[number] > 1]
    if not several:
        return None
    best = max(several, key=lambda n: (counts[n] * min(words[n], _LONGEST_HOOK) ** 0.5, -n))
    return texts[best], counts[best]


def representative_lines(texts: Sequence[str], language: str | None, number: int) -> tuple[str, ...]:
    """The lines with the most weight in a graph of lines, in the order of the song.

    Lines are linked by the content words that they share; a walker jumps to a line as often as it is sung.
    """
    counts = {n: count for n, count in repeated_lines(texts).items() if len(words_of(texts[n])) >= _SHORTEST_LINE}
    if not counts:
        return ()
    places = list(counts)
    content = [frozenset(words_of(texts[n])) - function_words(language) for n in places]
    links = np.array([[_shared(a, b) if i != j else 0.0 for j, b in enumerate(content)] for i, a in enumerate(content)])
    jumps = np.array([counts[n] * len(own) ** 0.5 for n, own in zip(places, content, strict=True)], float)
    jumps = jumps / jumps.sum() if jumps.any() else np.full(len(places), 1 / len(places))
    sums = links.sum(axis=1, keepdims=True)
    steps = np.where(sums > 0, links / np.where(sums > 0, sums, 1.0), jumps)
    weights = jumps
    for _ in range(_ROUNDS):
        weights = (1 - _DAMPING) * jumps + _DAMPING * (weights @ steps)
    best = sorted(range(len(places)), key=lambda i: (-weights[i], i))[:number]
    return tuple(texts[places[i]] for i in sorted(best))


def _shared(first: frozenset[str], second: frozenset[str]) -> float:
    """The share of content words that two lines have in common (Jaccard)."""
    return len(first & second) / len(first | second) if first & second else 0.0
