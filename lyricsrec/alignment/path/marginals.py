"""The best path through a song for every place where a word may be."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np

from lyricsrec.alignment.path.graph import IMPOSSIBLE, Costs, Graph
from lyricsrec.alignment.path.scores import Scores


@dataclass(frozen=True)
class Marginals:
    """Scores of whole paths, in nats.

    `starts` and `ends` (frames, words): the best path on which a word's first symbol begins, or its last one ends, in
    a frame. `sung` and `left_out` (lines): the best path through each line, and the best one that leaves it out.
    """

    starts: Scores
    ends: Scores
    sung: Costs
    _: KW_ONLY
    left_out: Costs


class Hints:
    """Given times as costs of starting elsewhere.

    `frames` (words) is where each word should start, NaN where nothing says so; being `spread` frames off costs 1 nat,
    and no more than `price` is ever paid.
    """

    def __init__(self, frames: Costs, spread: float, price: float) -> None:
        self._frames, self._spread, self._price = frames, spread, price
        self._any = bool(np.isfinite(frames).any())

    def at(self, frame: int) -> Costs | None:
        """What each word gains (words), none above 0, by starting in a frame; None where nothing is given."""
        if not self._any:
            return None
        off: Costs = np.minimum(np.abs(self._frames - frame) / self._spread, self._price)
        return -np.nan_to_num(off)


def path_marginals(table: Scores, graph: Graph, hints: Hints) -> Marginals:
    """Walk through the song forwards and backwards (the Viterbi algorithm, both ways).

    Time is frames times states, memory 8 bytes for each frame of each word.
    """
    num_frames, num_words = len(table), len(graph.first)
    starts = np.empty((num_frames, num_words), np.float32)
    ends = np.empty((num_frames, num_words), np.float32)
    doors = np.empty((num_frames, len(graph.doors)), np.float32)
    forward, backward = Forward(graph), Backward(graph)
    for t, scores in enumerate(table):
        forward.step(scores, hints.at(t))
        starts[t], ends[t], doors[t] = forward.entered, forward.states[graph.last], forward.states[graph.doors]
    left_out = np.full(len(graph.doors) - 1, IMPOSSIBLE, np.float32)
    tolls = np.diff(graph.tolls)
    for t in range(num_frames - 1, -1, -1):
        starts[t] += backward.states[graph.first]
        ends[t] += backward.leaving
        np.maximum(left_out, doors[t, :-1] - tolls + backward.states[graph.doors[1:]], out=left_out)
        backward.step(table[t], hints.at(t))
    sung = starts.max(axis=0)[np.searchsorted(graph.first, graph.doors[:-1])]
    return Marginals(starts, ends, sung, left_out=left_out)


class Forward:
    """The best path from the beginning into each state, after each `step`.

    `entered` is that of the paths that came to a word in the last frame.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._padded = np.full(len(graph) + 2, IMPOSSIBLE, np.float32)
        self.states = self._padded[2:]
        self.states[0] = 0.0
        self.entered: Costs = np.empty(0, np.float32)
        self._pass_doors()

    def step(self, scores: Costs, hints: Costs | None) -> None:
        """Go on by a frame."""
        graph, padded = self._graph, self._padded
        coming = np.maximum(padded[1:-1], padded[:-2] + graph.jumps)
        if hints is not None:
            coming[graph.first] += hints
        heard = scores[graph.columns]
        self.entered = coming[graph.first] + heard[graph.first]
        np.maximum(self.states, coming, out=self.states)
        self.states += heard
        self._pass_doors()

    def _pass_doors(self) -> None:
        doors, tolls = self._graph.doors, self._graph.tolls
        self.states[doors] = np.maximum.accumulate(self.states[doors] + tolls) - tolls


class Backward:
    """The best path from each state to the end, without the frame it is in, before each `step`.

    `leaving` is that of the paths on which a word's last symbol ends in that frame.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._padded = np.full(len(graph) + 2, IMPOSSIBLE, np.float32)
        self.states = self._padded[:-2]
        self.states[[graph.last[-1], -1]] = 0.0
        self.leaving: Costs = self.states[graph.last]
        self._jumps = np.full(len(graph), IMPOSSIBLE, np.float32)
        self._jumps[:-2] = graph.jumps[2:]
        self._pass_doors()

    def step(self, scores: Costs, hints: Costs | None) -> None:
        """Go back by a frame."""
        graph, padded = self._graph, self._padded
        self.states += scores[graph.columns]
        staying = self.states.copy()
        if hints is not None:
            self.states[graph.first] += hints
        going = np.maximum(padded[1:-1], padded[2:] + self._jumps)
        np.maximum(staying, going, out=self.states)
        self.leaving = going[graph.last]
        self._pass_doors()

    def _pass_doors(self) -> None:
        doors, tolls = self._graph.doors, self._graph.tolls
        self.states[doors] = np.maximum.accumulate((self.states[doors] - tolls)[::-1])[::-1] + tolls
