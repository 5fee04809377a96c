"""Files of sound in any container, made by ffmpeg's encoders: with holes, late beginnings, several tracks, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 44_100
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


@dataclass(frozen=True, eq=False)
class Part:
    """A track: samples (n, channels) that begin at `start_s`, with a hole of `hole_s` before second `hole_at_s`."""

    samples: np.ndarray
    start_s: float = 0.0
    _: KW_ONLY
    hole_at_s: float = 1e9
    hole_s: float = 0.0
    language: str | None = None
    title: str | None = None
    is_default: bool = False


@dataclass(frozen=True)
class Form:
    """How to write: the codec, the container (by the suffix if None) and its options, and the picture's start."""

    codec: str = "aac"
    container: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    _: KW_ONLY
    rate: int = RATE
    bit_rate: int | None = None
    quality: int | None = None
    picture_s: float | None = None


def bursts(times_s: Sequence[float], seconds: float, rate: int = RATE, channels: int = 2) -> np.ndarray:
    """Faint noise with a tone of 0.1 s at each of the times, (n, channels)."""
    samples = np.random.default_rng(0).normal(0, 1e-4, (round(seconds * rate), channels))
    tone = 0.5 * np.sin(2 * np.pi * 880 * np.arange(rate // 10) / rate)
    for time_s in times_s:
        first = round(time_s * rate)
        samples[first : first + len(tone)] += tone[: len(samples) - first, None]
    return samples.astype(np.float32)


def onsets(samples: np.ndarray) -> list[float]:
    """Where the tones of `bursts` begin, in seconds, in stereo at 44.1 kHz."""
    loud = np.flatnonzero(np.abs(samples).max(axis=0) > 0.1)
    firsts = loud[np.flatnonzero(np.diff(loud, prepend=-RATE) > RATE // 20)]
    return [round(float(first) / RATE, 3) for first in firsts]


def write_container(path: Path, tracks: Sequence[Part], form: Form) -> Path:
    """Write tracks into a file."""
    with av.open(str(path), "w", format=form.container, options=form.options) as container:
        packets = [packet for part in tracks for packet in _encoded(container, part, form)]
        if form.picture_s is not None:
            length_s = max(part.start_s + part.hole_s + len(part.samples) / form.rate for part in tracks)
            packets += _picture(container, form.picture_s, form.picture_s + length_s)
        for packet in sorted((p for p in packets if p.dts is not None), key=lambda p: p.dts * p.time_base):
            container.mux(packet)
    return path


def _encoded(container: av.container.OutputContainer, part: Part, form: Form) -> list[av.Packet]:
    layout = _LAYOUTS[part.samples.shape[1]]
    stream = container.add_stream(form.codec, rate=form.rate, layout=layout)
    for name, value in (("language", part.language), ("title", part.title)):
        if value is not None:
            stream.metadata[name] = value
    if part.is_default:
        stream.disposition = av.stream.Disposition.default
    if form.bit_rate is not None:
        stream.bit_rate = form.bit_rate
    if form.quality is not None:
        stream.codec_context.qscale = True
        stream.codec_context.global_quality = form.quality * 118
    size = stream.frame_size or 1024
    packets = []
    for first in range(0, len(part.samples), size):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(part.samples[first : first + size].T), format="fltp", layout=layout
        )
        late_s = part.start_s + (part.hole_s if first >= part.hole_at_s * form.rate else 0.0)
        frame.sample_rate, frame.pts, frame.time_base = (
            form.rate,
            first + round(late_s * form.rate),
            Fraction(1, form.rate),
        )
        packets += stream.encode(frame)
    return packets + list(stream.encode(None))


def _picture(container: av.container.OutputContainer, start_s: float, end_s: float) -> list[av.Packet]:
    stream = container.add_stream("mpeg4", rate=5)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    packets = []
    for number in range(round(start_s * 5), round(end_s * 5)):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * number % 255, np.uint8), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 5)
        packets += stream.encode(frame)
    return packets + list(stream.encode(None))
