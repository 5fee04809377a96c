"""Separating a long song block by block, so that the borders of the blocks cannot be heard."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.base.progress import Report, ignore
from lyricsrec.separation.base import Separator, Stems

_CONTEXT_S = 6.0
"""How much a separator gets to see beyond what is kept; Spleeter's masks depend on this much."""

_FADE_S = 1.0


class Seamless:
    """Separates successive blocks of a song together with the seconds around them, and cross-fades the results.

    What it returns follows one another without gap and overlap, some seconds behind the blocks; memory is bounded by
    the length of a block.
    """

    def __init__(self, separator: Separator) -> None:
        self._separator = separator
        self._mix: Audio | None = None
        self._kept: Stems | None = None
        self._is_separated = False
        self._done = 0

    def push(self, block: Audio, report: Report = ignore) -> Iterator[Stems]:
        """Add a block; the stems that are certain by now. `report` gets the position in seconds."""
        self._mix = _joined(self._mix, block)
        self._is_separated = False
        margin = round((_CONTEXT_S + _FADE_S) * block.sample_rate)
        if _end(self._mix) - self._done > 2 * margin:
            stems = self._separated(self._mix, report)
            border = _end(self._mix) - margin
            yield _cut(stems, self._done, border)
            self._kept = _copied(_cut(stems, border, _end(self._mix)))
            self._mix = _copy(_span(self._mix, border - round(_CONTEXT_S * block.sample_rate), _end(self._mix)))
            self._done = border

    def rest(self, report: Report = ignore) -> Iterator[Stems]:
        """The stems of what is left at the end of the song."""
        if self._mix is None:
            return
        stems = self._kept if self._is_separated else self._separated(self._mix, report)
        assert stems is not None
        yield _cut(stems, self._done, _end(self._mix))

    def _separated(self, mix: Audio, report: Report) -> Stems:
        """The stems of the mix, which begin like what was kept of the last ones."""
        stems = self._separator.separate(mix, report)
        self._is_separated = True
        if self._kept is None:
            return stems
        first = self._done - _start(mix)
        parts = []
        for old, new in ((self._kept.vocals, stems.vocals), (self._kept.instrumental, stems.instrumental)):
            samples = new.samples.copy()
            length = min(round(_FADE_S * mix.sample_rate), old.num_samples, samples.shape[1] - first)
            ramp = np.linspace(0, 1, length, dtype=np.float32)
            faded = samples[:, first : first + length]
            faded += (1 - ramp) * (old.samples[:, :length] - faded)
            parts.append(Audio(samples, new.sample_rate, new.start_s))
        return Stems(parts[0], parts[1])


def _start(audio: Audio) -> int:
    return round(audio.start_s * audio.sample_rate)


def _end(audio: Audio) -> int:
    return _start(audio) + audio.num_samples


def _span(audio: Audio, first: int, last: int) -> Audio:
    """The samples [first, last) of the song."""
    first = max(first, _start(audio))
    samples: Samples = audio.samples[:, first - _start(audio) : last - _start(audio)]
    return Audio(samples, audio.sample_rate, first / audio.sample_rate)


def _cut(stems: Stems, first: int, last: int) -> Stems:
    return Stems(_span(stems.vocals, first, last), _span(stems.instrumental, first, last))


def _copy(audio: Audio) -> Audio:
    """The same in memory of its own, so that a larger block can be released."""
    return Audio(audio.samples.copy(), audio.sample_rate, audio.start_s)


def _copied(stems: Stems) -> Stems:
    return Stems(_copy(stems.vocals), _copy(stems.instrumental))


def _joined(before: Audio | None, block: Audio) -> Audio:
    if before is None:
        return block
    return Audio(np.concatenate([before.samples, block.samples], axis=1), block.sample_rate, before.start_s)
