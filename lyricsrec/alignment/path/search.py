"""The frames of each word on the best path through a song, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np

from lyricsrec.alignment.path.forward_backward import Backward, Forward, Hints, path_marginals
from lyricsrec.alignment.path.trellis import Scores, Trellis, build_trellis, skip_cost
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.alignment.tokens import TokenizedLine, TokenizedWord

_NEAR_BEST = 0.5
_TINY = 1e-30


@dataclass(frozen=True)
class AlignedWord:
    """The frames [first, last] of a word, and the share of its posterior that lies near `first`."""

    word: TokenizedWord
    first: int
    last: int
    _: KW_ONLY
    confidence: float


@dataclass(frozen=True)
class AlignedLine:
    """The words of a line on the best path through it.

    `evidence` is how many nats the line adds to the score of the song, the cost of skipping it not counted; `skipped`
    says whether the best path skips it.
    """

    words: tuple[AlignedWord, ...]
    evidence: float
    skipped: bool


@dataclass(frozen=True, eq=False)
class Stretch:
    """A part of a song that is searched at once: the score table from frame `start` on, and the lines in it.

    `hints` maps (line, word) to the frame of the song where the word should start.
    """

    table: Scores
    start: int
    lines: Sequence[TokenizedLine]
    _: KW_ONLY
    hints: dict[tuple[int, int], float]
    frame_s: float

    def trellis_hints(self, config: AlignConfig) -> Hints:
        """The hints in the order of the trellis."""
        words = (word for line in self.lines for word in line.words)
        frames = [self.hints.get((word.line, word.word), np.nan) - self.start for word in words]
        return Hints(np.array(frames, np.float32), config.hint_spread_s / self.frame_s, config.max_hint_cost)

    def part(self, frames: slice, lines: slice) -> Stretch:
        """Some of its frames and some of its lines; slices without a step."""
        start = self.start + (frames.start or 0)
        return Stretch(self.table[frames], start, self.lines[lines], hints=self.hints, frame_s=self.frame_s)


def align_stretch(stretch: Stretch, config: AlignConfig) -> Iterator[AlignedLine]:
    """The lines of a stretch in order.

    A stretch with more than `AlignConfig.max_cells` is cut in its middle third, in the pause between two lines that
    the best path passes with the largest margin; the result stays the same as long as that choice is right.
    """
    if not stretch.lines:
        return
    trellis = build_trellis(stretch.lines, config)
    num_frames = len(stretch.table)
    if num_frames * len(trellis.first) <= config.max_cells or len(stretch.lines) == 1:
        yield from _align_whole(stretch, trellis, config)
        return
    frame, line = _best_cut(stretch, trellis, config)
    yield from align_stretch(stretch.part(slice(frame), slice(line)), config)
    yield from align_stretch(stretch.part(slice(frame, None), slice(line, None)), config)


def _align_whole(stretch: Stretch, trellis: Trellis, config: AlignConfig) -> Iterator[AlignedLine]:
    if not len(stretch.table):
        return
    marginals = path_marginals(stretch.table, trellis, stretch.trellis_hints(config))
    window = round(config.confidence_window_s / stretch.frame_s)
    number = 0
    for line, kept, skipped in zip(stretch.lines, marginals.kept, marginals.skipped, strict=True):
        words = []
        for word in line.words:
            starts = marginals.starts[:, number]
            first = int(starts.argmax())
            last = max(int(marginals.ends[:, number].argmax()), first)
            weights = np.exp(config.acoustic_scale * (starts - starts[first]))
            confidence = float(weights[max(first - window, 0) : first + window + 1].sum() / max(weights.sum(), _TINY))
            words.append(
                AlignedWord(word, stretch.start + first, stretch.start + last, confidence=min(confidence, 1.0))
            )
            number += 1
        gain = float(kept) - float(skipped)
        yield AlignedLine(tuple(words), gain - skip_cost(line, config), gain <= 0)


def _best_cut(stretch: Stretch, trellis: Trellis, config: AlignConfig) -> tuple[int, int]:
    """A frame to cut before and the first line after it, where the best path is in a skip state."""
    num_frames, num_states = len(stretch.table), len(trellis.skip_states)
    width = int(np.clip(config.max_cells // num_states, 1, max(num_frames // 3, 1)))
    begin = (num_frames - width) // 2
    hints = stretch.trellis_hints(config)
    totals = np.empty((width, num_states), np.float32)
    forward, backward = Forward(trellis), Backward(trellis)
    for t in range(begin + width):
        forward.step(stretch.table[t], hints.at(t))
        if t >= begin:
            totals[t - begin] = forward.states[trellis.skip_states]
    for t in range(num_frames - 1, begin - 1, -1):
        if t < begin + width:
            totals[t - begin] += backward.states[trellis.skip_states]
        backward.step(stretch.table[t], hints.at(t))
    best, second = np.partition(totals, -2, axis=1)[:, :-3:-1].T
    margins = np.where(best >= best.max() - _NEAR_BEST, best - second, -1.0)
    chosen = int(margins.argmax())
    return begin + chosen + 1, int(totals[chosen].argmax())
