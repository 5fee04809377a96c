"""Max-marginals of a trellis: the score of the best path through every possible place of a word."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np

from lyricsrec.alignment.path.trellis import IMPOSSIBLE, Scores, Trellis


@dataclass(frozen=True, eq=False)
class Marginals:
    """Scores of whole paths, in nats.

    `starts` and `ends` (frames, words): the best path on which a word's first token begins, or its last one ends, in a
    frame. `kept` and `skipped` (lines): the best path through each line, and the best one that skips it.
    """

    starts: Scores
    ends: Scores
    kept: Scores
    _: KW_ONLY
    skipped: Scores


class Hints:
    """Given start times as costs.

    `frames` (words) is where each word should start, NaN where that is unknown; starting `spread` frames away costs
    1 nat, twice as far 2 nats, and at most `max_cost`.
    """

    def __init__(self, frames: Scores, spread: float, max_cost: float) -> None:
        known = np.isfinite(frames)
        self._frames, self._spread = np.where(known, frames, 0.0), np.where(known, spread, np.inf)
        self._max_cost = max_cost
        self._any = bool(known.any())

    def at(self, frame: int) -> Scores | None:
        """Scores (words), at most 0, of starting in a frame; None where there are no hints."""
        if not self._any:
            return None
        cost: Scores = np.minimum(np.abs(self._frames - frame) / self._spread, self._max_cost)
        return -cost


def path_marginals(table: Scores, trellis: Trellis, hints: Hints) -> Marginals:
    """Run the Viterbi algorithm forwards and backwards.

    Time is frames times states, memory 8 bytes for each frame of each word.
    """
    num_frames, num_words = len(table), len(trellis.first)
    starts = np.empty((num_frames, num_words), np.float32)
    ends = np.empty((num_frames, num_words), np.float32)
    skip_states = np.empty((num_frames, len(trellis.skip_states)), np.float32)
    forward, backward = Forward(trellis), Backward(trellis)
    for t, scores in enumerate(table):
        forward.step(scores, hints.at(t))
        starts[t], ends[t] = forward.entered, forward.states[trellis.last]
        skip_states[t] = forward.states[trellis.skip_states]
    skipped = np.full(len(trellis.skip_states) - 1, IMPOSSIBLE, np.float32)
    costs = np.diff(trellis.skip_costs)
    for t in range(num_frames - 1, -1, -1):
        starts[t] += backward.states[trellis.first]
        ends[t] += backward.leaving
        np.maximum(skipped, skip_states[t, :-1] - costs + backward.states[trellis.skip_states[1:]], out=skipped)
        backward.step(table[t], hints.at(t))
    kept = starts.max(axis=0)[np.searchsorted(trellis.first, trellis.skip_states[:-1])]
    return Marginals(starts, ends, kept, skipped=skipped)


class Forward:
    """The best path from the beginning into each state, after each `step`.

    `entered` holds the paths that reached the first token of a word in the last frame.
    """

    def __init__(self, trellis: Trellis) -> None:
        self._trellis = trellis
        self._padded = np.full(len(trellis) + 2, IMPOSSIBLE, np.float32)
        self.states = self._padded[2:]
        self.states[0] = 0.0
        self.entered: Scores = np.empty(0, np.float32)
        self._skip()

    def step(self, scores: Scores, hints: Scores | None) -> None:
        """Advance by a frame."""
        trellis, padded = self._trellis, self._padded
        coming = np.maximum(padded[1:-1], padded[:-2] + trellis.jumps)
        if hints is not None:
            coming[trellis.first] += hints
        emitted = scores[trellis.columns]
        self.entered = coming[trellis.first] + emitted[trellis.first]
        np.maximum(self.states, coming, out=self.states)
        self.states += emitted
        self._skip()

    def _skip(self) -> None:
        states, costs = self._trellis.skip_states, self._trellis.skip_costs
        self.states[states] = np.maximum.accumulate(self.states[states] + costs) - costs


class Backward:
    """The best path from each state to the end, without the frame it is in, before each `step`.

    `leaving` holds the paths on which the last token of a word ends in that frame.
    """

    def __init__(self, trellis: Trellis) -> None:
        self._trellis = trellis
        self._padded = np.full(len(trellis) + 2, IMPOSSIBLE, np.float32)
        self.states = self._padded[:-2]
        self.states[[trellis.last[-1], -1]] = 0.0
        self.leaving: Scores = self.states[trellis.last]
        self._jumps = np.full(len(trellis), IMPOSSIBLE, np.float32)
        self._jumps[:-2] = trellis.jumps[2:]
        self._skip()

    def step(self, scores: Scores, hints: Scores | None) -> None:
        """Go back by a frame."""
        trellis, padded = self._trellis, self._padded
        self.states += scores[trellis.columns]
        staying = self.states.copy()
        if hints is not None:
            self.states[trellis.first] += hints
        going = np.maximum(padded[1:-1], padded[2:] + self._jumps)
        np.maximum(staying, going, out=self.states)
        self.leaving = going[trellis.last]
        self._skip()

    def _skip(self) -> None:
        states, costs = self._trellis.skip_states, self._trellis.skip_costs
        self.states[states] = np.maximum.accumulate((self.states[states] - costs)[::-1])[::-1] + costs
