"""Where the words of spelled lines are in a song, in memory that does not grow with the song."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from lyricsrec.alignment.alphabet import SpelledLine, SpelledWord
from lyricsrec.alignment.path.graph import Graph, build_graph, toll_of
from lyricsrec.alignment.path.marginals import Backward, Forward, Hints, path_marginals
from lyricsrec.alignment.path.scores import Scores
from lyricsrec.alignment.settings import AlignConfig

_NEAR_BEST = 0.5
_TINY = 1e-30


@dataclass(frozen=True)
class FoundWord:
    """Where the best path has a word: frames [first, last], and the share of all its places that lies near there."""

    word: SpelledWord
    first: int
    last: int
    _: KW_ONLY
    certainty: float


@dataclass(frozen=True)
class FoundLine:
    """The words of a line where the best path through it has them.

    `evidence` is how many nats better the song is explained with the line than without it, what leaving it out costs
    aside; `left_out` says whether the best path leaves it out.
    """

    words: tuple[FoundWord, ...]
    evidence: float
    left_out: bool


@dataclass(frozen=True)
class Stretch:
    """A part of a song that is walked at once: scores from frame `start` on, and the lines that are sung in it.

    `hints` is the frame of the song where a word (by its line and place) should start.
    """

    table: Scores
    start: int
    lines: Sequence[SpelledLine]
    _: KW_ONLY
    hints: dict[tuple[int, int], float]
    frame_s: float

    def graph_hints(self, config: AlignConfig) -> Hints:
        """The hints for the words of its graph."""
        words = (word for line in self.lines for word in line.words)
        frames = [self.hints.get((word.line, word.word), np.nan) - self.start for word in words]
        return Hints(np.array(frames, np.float32), config.hint_spread_s / self.frame_s, config.hint_price)

    def part(self, first: int, stop: int, first_line: int, stop_line: int) -> Stretch:
        """Some of its frames, and some of its lines."""
        lines = self.lines[first_line:stop_line]
        return Stretch(self.table[first:stop], self.start + first, lines, hints=self.hints, frame_s=self.frame_s)


def find_words(stretch: Stretch, config: AlignConfig) -> Iterator[FoundLine]:
    """The lines of a stretch in order.

    One that is too long for `AlignConfig.max_cells` is cut, in its middle third, at the pause between two lines where
    the best path most surely is; what is found stays the same while that is sure.
    """
    if not stretch.lines:
        return
    graph = build_graph(stretch.lines, config)
    num_frames = len(stretch.table)
    if num_frames * len(graph.first) <= config.max_cells or len(stretch.lines) == 1:
        yield from _walk(stretch, graph, config)
        return
    frame, line = _sure_cut(stretch, graph, config)
    yield from find_words(stretch.part(0, frame, 0, line), config)
    yield from find_words(stretch.part(frame, num_frames, line, len(stretch.lines)), config)


def _walk(stretch: Stretch, graph: Graph, config: AlignConfig) -> Iterator[FoundLine]:
    if not len(stretch.table):
        return
    found = path_marginals(stretch.table, graph, stretch.graph_hints(config))
    near = round(config.near_s / stretch.frame_s)
    number = 0
    for line, sung, left_out in zip(stretch.lines, found.sung, found.left_out, strict=True):
        words = []
        for word in line.words:
            starts = found.starts[:, number]
            first = int(starts.argmax())
            last = max(int(found.ends[:, number].argmax()), first)
            weights = np.exp(config.sharpness * (starts - starts[first]))
            certainty = float(weights[max(first - near, 0) : first + near + 1].sum() / max(weights.sum(), _TINY))
            words.append(FoundWord(word, stretch.start + first, stretch.start + last, certainty=min(certainty, 1.0)))
            number += 1
        better = float(sung) - float(left_out)
        yield FoundLine(tuple(words), better - toll_of(line, config), better <= 0)


def _sure_cut(stretch: Stretch, graph: Graph, config: AlignConfig) -> tuple[int, int]:
    """A frame to cut before and the first line after it, where the best path is at a door."""
    num_frames, num_doors = len(stretch.table), len(graph.doors)
    width = int(np.clip(config.max_cells // num_doors, 1, max(num_frames // 3, 1)))
    begin = (num_frames - width) // 2
    hints = stretch.graph_hints(config)
    totals = np.empty((width, num_doors), np.float32)
    forward, backward = Forward(graph), Backward(graph)
    for t in range(begin + width):
        forward.step(stretch.table[t], hints.at(t))
        if t >= begin:
            totals[t - begin] = forward.states[graph.doors]
    for t in range(num_frames - 1, begin - 1, -1):
        if t < begin + width:
            totals[t - begin] += backward.states[graph.doors]
        backward.step(stretch.table[t], hints.at(t))
    best, second = np.partition(totals, -2, axis=1)[:, :-3:-1].T
    margins = np.where(best >= best.max() - _NEAR_BEST, best - second, -1.0)
    chosen = int(margins.argmax())
    return begin + chosen + 1, int(totals[chosen].argmax())
