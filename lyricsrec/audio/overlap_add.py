"""Overlap-add: process a long signal in overlapping windows and join the results by cross-fades."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lyricsrec.audio.audio import Samples

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Window:
    """Samples [start, stop) of a longer signal, processed at once."""

    start: int
    stop: int


def windows(num_samples: int, length: int, overlap: float) -> list[Window]:
    """Windows of `length` samples that cover a signal, each sharing `overlap` (0 to 1) of itself with the next.

    A signal no longer than one window gets exactly one; the last window ends with the signal.
    """
    stride = max(round(length * (1 - overlap)), 1)
    count = 1 if num_samples <= length else 1 + -(-(num_samples - length) // stride)
    return [Window(i * stride, min(i * stride + length, num_samples)) for i in range(count)]


def even_windows(num_samples: int, length: int, overlap: float) -> list[Window]:
    """As many windows as `windows` gives, evenly spaced, so that the last one has its full length, too."""
    num_steps = len(windows(num_samples, length, overlap)) - 1
    starts = [(num_samples - length) * i // num_steps for i in range(num_steps + 1)] if num_steps else [0]
    return [Window(start, min(start + length, num_samples)) for start in starts]


def crossfade(length: int) -> Samples:
    """Triangular weights for overlap-add, shape (length,), largest in the middle, never 0."""
    rising = np.arange(1, length + 1, dtype=np.float32)
    weights: Samples = np.minimum(rising, rising[::-1]) / np.float32((length + 1) // 2)
    return weights


class OverlapAdd:
    """Processes signals of `num_samples` in windows of `length` whose neighbours share at least `overlap` of it."""

    def __init__(self, num_samples: int, length: int, overlap: float = 0.25) -> None:
        import torch

        self.num_samples = num_samples
        self.parts = even_windows(num_samples, length, overlap)
        self._fade = torch.from_numpy(crossfade(length))

    def split(self, audio: Tensor) -> list[Tensor]:
        """The windows of audio (..., samples)."""
        return [audio[..., part.start : part.stop] for part in self.parts]

    def join(self, pieces: Iterable[Tensor]) -> Tensor:
        """The processed windows, which may come one by one, joined by cross-fades."""
        import torch

        total, weight = torch.empty(0), torch.zeros(self.num_samples)
        for part, piece in zip(self.parts, pieces, strict=True):
            if len(self.parts) == 1:
                return piece
            if part.start == 0:
                total = piece.new_zeros(*piece.shape[:-1], self.num_samples)
            fade = self._fade[: part.stop - part.start]
            weight[part.start : part.stop] += fade
            total[..., part.start : part.stop] += piece * fade.to(piece.device)
        return total / weight.to(total.device)

    def apply(
        self, audio: Tensor, process: Callable[[Tensor], Tensor], report: Callable[[int], None] = lambda done: None
    ) -> Tensor:
        """Process audio (..., samples) window by window; `report` gets the number of samples done so far."""

        def processed() -> Iterator[Tensor]:
            for part, piece in zip(self.parts, self.split(audio), strict=True):
                yield process(piece)
                report(part.stop)

        return self.join(processed())
