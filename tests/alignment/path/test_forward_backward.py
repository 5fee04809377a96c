"""Max-marginals of small trellises, compared with an enumeration of all paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest

from lyricsrec.alignment.path.forward_backward import Hints, path_marginals
from lyricsrec.alignment.path.trellis import Scores, Trellis, build_trellis
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.tokens import TokenizedLine, TokenizedWord

NUM_FRAMES = 6
CONFIG = AlignConfig(skip_line_cost=1.0, skip_token_cost=0.5)
LINES = [
    TokenizedLine((TokenizedWord(0, 0, ((0, 1),)),)),
    TokenizedLine((TokenizedWord(1, 0, ((1,),)), TokenizedWord(1, 1, ((0, 0),)))),
]


def with_skips(trellis: Trellis, state: int, score: float) -> Iterator[tuple[int, float]]:
    """The state itself and, if it is a skip state, all later ones, with their scores."""
    yield state, score
    skip_states = trellis.skip_states.tolist()
    if state in skip_states:
        here = skip_states.index(state)
        for there in range(here + 1, len(skip_states)):
            yield skip_states[there], score - float(trellis.skip_costs[there] - trellis.skip_costs[here])


def all_paths(trellis: Trellis, table: Scores) -> Iterator[tuple[float, list[int]]]:
    """Every path: its score, and its state in each frame."""

    def walk(state: int, score: float, path: list[int]) -> Iterator[tuple[float, list[int]]]:
        if len(path) == NUM_FRAMES:
            if state in (trellis.last[-1], len(trellis) - 1):
                yield score, path
            return
        for target in [t for t in range(state, min(state + 3, len(trellis))) if t < state + 2 or trellis.jumps[t] == 0]:
            emitted = score + float(table[len(path), trellis.columns[target]])
            for after, total in with_skips(trellis, target, emitted):
                yield from walk(after, total, [*path, target])

    for state, score in with_skips(trellis, 0, 0.0):
        yield from walk(state, score, [])


@pytest.mark.parametrize("seed", range(4))
def test_best_paths_by_the_frame_in_which_a_word_starts_or_ends(seed: int) -> None:
    table = -np.random.default_rng(seed).exponential(2.0, (NUM_FRAMES, 5)).astype(np.float32)
    trellis = build_trellis(LINES, CONFIG)
    starts: dict[tuple[int, int], float] = defaultdict(lambda: -np.inf)
    ends: dict[tuple[int, int], float] = defaultdict(lambda: -np.inf)
    for score, path in all_paths(trellis, table):
        for frame, (before, state, after) in enumerate(zip([-1, *path], path, [*path[1:], -1], strict=False)):
            for word, (first, last) in enumerate(zip(trellis.first, trellis.last, strict=True)):
                if state == first and before != state:
                    starts[frame, word] = max(starts[frame, word], score)
                if state == last and after != state:
                    ends[frame, word] = max(ends[frame, word], score)
    marginals = path_marginals(table, trellis, Hints(np.full(3, np.nan, np.float32), 1.0, 8.0))
    for expected, found in ((starts, marginals.starts), (ends, marginals.ends)):
        for place in np.ndindex(NUM_FRAMES, 3):
            if expected[place] == -np.inf:
                assert found[place] < -1e20
            else:
                assert found[place] == pytest.approx(expected[place], abs=1e-4)


def test_hints_cost_more_further_away_up_to_a_limit() -> None:
    hints = Hints(np.array([10.0, np.nan], np.float32), 2.0, 3.0)
    assert [hints.at(frame).tolist() for frame in (10, 12, 0)] == [[0.0, 0.0], [-1.0, 0.0], [-3.0, 0.0]]
    assert Hints(np.array([np.nan], np.float32), 2.0, 3.0).at(0) is None
