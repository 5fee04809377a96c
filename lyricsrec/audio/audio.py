"""Audio as a value: samples with their rate and their position in the song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Audio:
    """A stretch of audio.

    `samples` is (channels, num_samples) float32 with full scale at 1; `sample_rate` is in Hz; `start_s` is
    where the stretch begins in its song.
    """

    samples: Samples
    sample_rate: int
    start_s: float = 0.0

    def __post_init__(self) -> None:
        if self.samples.ndim != 2:
            raise ValueError(f"samples must be (channels, num_samples), not {self.samples.shape}")

    @property
    def num_samples(self) -> int:
        """Samples in each channel."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.num_samples / self.sample_rate

    @property
    def end_s(self) -> float:
        """Where the stretch ends in its song, in seconds."""
        return self.start_s + self.duration_s

    def cut(self, start_s: float, end_s: float) -> Audio:
        """The part between two times of the song (seconds), clipped to this stretch; shares its memory."""
        first = min(max(round((start_s - self.start_s) * self.sample_rate), 0), self.num_samples)
        last = min(max(round((end_s - self.start_s) * self.sample_rate), first), self.num_samples)
        return Audio(self.samples[:, first:last], self.sample_rate, self.start_s + first / self.sample_rate)


def to_stereo(samples: Samples, channels: Sequence[str] = ()) -> Samples:
    """Downmix any number of channels to two.

    One channel is duplicated. More are downmixed as in ITU-R BS.775, without LFE, scaled so that nothing clips, where
    `channels` names them as ffmpeg does (FL, FR, FC, LFE, BL ...) or there are six, which are taken as 5.1 in the order
    of WAV and FLAC (left, right, centre, LFE, and two surrounds). In other layouts the even channels are averaged to
    the left side and the odd ones to the right.
    """
    num_channels = samples.shape[0]
    if num_channels == 1:
        return np.repeat(samples, 2, axis=0)
    if num_channels == 2:
        return samples
    if all(name in _GAINS for name in channels) and len(channels) == num_channels:
        names = channels
    elif num_channels == 6:
        names = ("FL", "FR", "FC", "LFE", "SL", "SR")
    else:
        return np.asarray([samples[0::2].mean(axis=0), samples[1::2].mean(axis=0)], np.float32)
    gains = np.array([_GAINS[name] for name in names], np.float32).T
    # Channels without sound in stereo are left out, as infinity times 0 is NaN.
    used = gains.any(axis=0)
    return np.asarray((gains[:, used] / max(gains.sum(axis=1).max(), 1.0)) @ samples[used], np.float32)


_HALF_POWER = 0.5**0.5
_GAINS = {
    **dict.fromkeys(("FL", "FLC", "DL", "WL"), (1.0, 0.0)),
    **dict.fromkeys(("FR", "FRC", "DR", "WR"), (0.0, 1.0)),
    **dict.fromkeys(("SL", "BL", "TFL", "TBL", "TSL"), (_HALF_POWER, 0.0)),
    **dict.fromkeys(("SR", "BR", "TFR", "TBR", "TSR"), (0.0, _HALF_POWER)),
    "FC": (_HALF_POWER, _HALF_POWER),
    **dict.fromkeys(("BC", "TFC", "TBC", "TC"), (0.5, 0.5)),
    **dict.fromkeys(("LFE", "LFE2"), (0.0, 0.0)),
}
"""How much of a channel goes to the left and the right."""


def rms_envelope(signal: Samples, frame: int, hop: int) -> Samples:
    """Root mean square of a mono signal in frames of `frame` samples centred on multiples of `hop`.

    Shape (1 + num_samples // hop,); the signal is zero beyond its ends.
    """
    power = np.concatenate([[0.0], np.cumsum(np.square(signal, dtype=np.float64))])
    centres = np.arange(1 + len(signal) // hop) * hop
    first = np.clip(centres - frame // 2, 0, len(signal))
    last = np.clip(centres + frame - frame // 2, 0, len(signal))
    return np.asarray(np.sqrt(np.maximum(power[last] - power[first], 0.0) / frame), np.float32)


def band_envelope(signal: Samples, sample_rate: int, low_hz: float, high_hz: float, frame: int, hop: int) -> Samples:
    """Root mean square of a mono signal between two frequencies, in frames as in `rms_envelope`."""
    num_frames = 1 + len(signal) // hop
    padded = np.pad(signal, (frame // 2, frame))
    window = np.hanning(frame).astype(np.float32)
    hz = np.fft.rfftfreq(frame, 1 / sample_rate)
    band = (hz >= low_hz) & (hz <= high_hz)
    envelope = np.empty(num_frames, np.float32)
    for first in range(0, num_frames, 1024):
        count = min(1024, num_frames - first)
        stretch = padded[first * hop : (first + count - 1) * hop + frame]
        frames = np.lib.stride_tricks.sliding_window_view(stretch, frame)[::hop]
        power = np.abs(np.fft.rfft(frames * window)[:, band]) ** 2
        envelope[first : first + count] = np.sqrt(2 * power.sum(axis=1) / (frame * np.square(window).sum()))
    return envelope
