"""One text from several recognised ones, by a vote on every word (ROVER, Fiscus 1997)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_GAP = ""


@dataclass(frozen=True)
class VotedWord:
    """A word that won its place, spelled as in the heaviest text, and the share of the votes for it."""

    text: str
    share: float


class _Place:
    """The votes for each word at a place of the text; the word is _GAP for texts that have none there."""

    def __init__(self, gap: float) -> None:
        self.votes: dict[str, float] = {_GAP: gap}
        self.spelling: dict[str, str] = {}

    def add(self, word: str, weight: float) -> None:
        key = _key(word)
        self.votes[key] = self.votes.get(key, 0.0) + weight
        self.spelling.setdefault(key, word)

    def winner(self) -> str:
        """The key with the most votes; of equal ones a word before a gap, and the word that came first."""
        return max(self.votes, key=lambda key: (self.votes[key], key != _GAP))


def vote(texts: Sequence[tuple[float, str]]) -> list[VotedWord]:
    """The words that most of the weighted texts (weight, text) have, aligned one text after the other.

    Words are compared without case and punctuation. The cost of aligning a word to a place is the share of the votes
    that other words have there. Of equal texts only the weights count.
    """
    weights: dict[tuple[str, ...], float] = {}
    spelt: dict[tuple[str, ...], list[str]] = {}
    for weight, text in sorted(texts, key=lambda pair: -pair[0]):
        words = [word for word in text.split() if _key(word)]
        keys = words_of(text)
        weights[keys] = weights.get(keys, 0.0) + weight
        spelt.setdefault(keys, words)
    places: list[_Place] = []
    total = 0.0
    for keys in sorted(weights, key=lambda each: -weights[each]):
        places = _joined(places, spelt[keys], weights[keys], total)
        total += weights[keys]
    winners = [(place, place.winner()) for place in places]
    return [VotedWord(place.spelling[key], place.votes[key] / total) for place, key in winners if key != _GAP]


def shares_of_a_vote(log_probs: Sequence[float], sharpness: float) -> list[float]:
    """How texts share one vote by their log-probabilities, the first of which is the highest."""
    weights = np.exp(sharpness * (np.array(log_probs) - log_probs[0]))
    return [float(weight) for weight in weights / weights.sum()]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: without case, punctuation and words that have no letters or digits."""
    return tuple(key for word in text.split() if (key := _key(word)))


def _joined(places: Sequence[_Place], words: Sequence[str], weight: float, total: float) -> list[_Place]:
    """The places after one more text of some `weight`, after texts of `total` weight."""
    costs = _path_costs(places, [_key(word) for word in words], total)
    i, j = len(places), len(words)
    joined: list[_Place] = []
    while i or j:
        if i and j and costs[i, j] >= costs[i - 1, j - 1] + _mismatch(places[i - 1], _key(words[j - 1]), total) - 1e-9:
            i, j = i - 1, j - 1
            places[i].add(words[j], weight)
            joined.append(places[i])
        elif i and costs[i, j] >= costs[i - 1, j] + _mismatch(places[i - 1], _GAP, total) - 1e-9:
            i -= 1
            places[i].votes[_GAP] += weight
            joined.append(places[i])
        else:
            j -= 1
            joined.append(_Place(total))
            joined[-1].add(words[j], weight)
    return joined[::-1]


def _path_costs(places: Sequence[_Place], keys: Sequence[str], total: float) -> np.ndarray[Any, Any]:
    """The cost of the cheapest alignment of each number of places with each number of words; a new place costs 1."""
    steps = np.arange(len(keys) + 1, dtype=float)
    costs = np.zeros((len(places) + 1, len(keys) + 1))
    costs[0] = steps
    for i, place in enumerate(places):
        row = costs[i] + _mismatch(place, _GAP, total)
        mismatches = np.array([_mismatch(place, key, total) for key in keys])
        row[1:] = np.minimum(row[1:], costs[i, :-1] + mismatches)
        costs[i + 1] = np.minimum.accumulate(row - steps) + steps
    return costs


def _mismatch(place: _Place, key: str, total: float) -> float:
    return 1.0 - place.votes.get(key, 0.0) / total


def _key(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum())
