"""Decoded frames as stereo samples in float32."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lyricsrec.audio.audio import Samples, to_stereo

_DTYPES = {"u8": "u1", "s16": "i2", "s32": "i4", "s64": "i8", "flt": "f4", "dbl": "f8"}
_FULL_SCALE = {"u1": 128.0, "i2": 32_768.0, "i4": 2.0**31, "i8": 2.0**63}
_BATCH = 1 << 16


class Batches:
    """Joins the frames that PyAV decodes to stereo samples (2, n) at `rate` Hz, with full scale at 1.

    A frame may differ from those before it in rate, channels and format, as where files were joined.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._kind: tuple[str, str, int] | None = None
        self._channels: tuple[str, ...] = ()
        self._is_planar, self._dtype = True, "f4"
        self._held: list[Any] = []
        self._num_held = 0
        self._resampler: Resampler | None = None

    def push(self, frame: Any) -> Iterator[Samples]:
        """Add a frame; gives a batch where one is full."""
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._kind:
            yield from self.end()
            self._kind = kind
            self._channels = tuple(channel.name for channel in frame.layout.channels)
            self._is_planar = frame.format.is_planar
            self._dtype = _DTYPES[frame.format.packed.name]
            self._resampler = None if frame.sample_rate == self._rate else Resampler(frame.sample_rate, self._rate)
        # PyAV's own `to_ndarray` copies, which takes a third of the time of reading an MP3.
        count = frame.samples if self._is_planar else frame.samples * len(self._channels)
        self._held.append([np.frombuffer(plane, self._dtype, count) for plane in frame.planes])
        self._num_held += frame.samples
        if self._num_held >= _BATCH:
            yield self._taken()

    def end(self) -> Iterator[Samples]:
        """What is left, before a hole or at the end."""
        if self._held:
            yield self._taken()
        if self._resampler is not None:
            yield self._resampler.end()
        self._kind = self._resampler = None

    def _taken(self) -> Samples:
        planes = [np.concatenate(parts) for parts in zip(*self._held, strict=True)]
        self._held, self._num_held = [], 0
        joined = np.stack(planes) if self._is_planar else planes[0].reshape(-1, len(self._channels)).T
        with np.errstate(invalid="ignore", over="ignore"):
            samples = np.asarray(joined, np.float32, order="C")
            if self._dtype in _FULL_SCALE:
                samples = (samples - 128 if self._dtype == "u1" else samples) * np.float32(1 / _FULL_SCALE[self._dtype])
            folded = to_stereo(samples, self._channels)
        return folded if self._resampler is None else self._resampler.push(folded)


class Resampler:
    """Resamples stereo by libswresample in constant memory."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        import av

        self._from_rate = from_rate
        self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=to_rate)

    def push(self, samples: Samples) -> Samples:
        """What can be given out once these samples are known."""
        import av

        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate = self._from_rate
        return _joined(self._resampler.resample(frame))

    def end(self) -> Samples:
        """The rest."""
        return _joined(self._resampler.resample(None))


def _joined(frames: list[Any]) -> Samples:
    parts = [frame.to_ndarray() for frame in frames]
    return np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.float32)
