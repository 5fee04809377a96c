"""Videos as files: pictures and sound, encoded and interleaved as they come."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import SAMPLE_RATE
from lyricsrec.base.errors import OutputError, UsageError
from lyricsrec.base.output import display_name
from lyricsrec.karaoke.settings import Codec
from lyricsrec.karaoke.video.planes import Planes

_BT_709, _LIMITED = 1, 1
_KEY_FRAMES_S = 4


@dataclass(frozen=True)
class _Encoder:
    """How a codec is written."""

    name: str
    options: dict[str, str]


@dataclass(frozen=True)
class _Container:
    """What a kind of file holds; the first of `codecs` is the default."""

    format: str
    sound: str
    sample_rate: int
    _: KW_ONLY
    codecs: tuple[Codec, ...]
    options: dict[str, str] = field(default_factory=dict)


_ENCODERS: dict[Codec, _Encoder] = {
    "h264": _Encoder("libx264", {"preset": "veryfast", "crf": "20"}),
    "vp9": _Encoder("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0", "row-mt": "1"}),
    "av1": _Encoder("libsvtav1", {"preset": "10", "crf": "32"}),
}
_FAST_START = {"movflags": "+faststart"}

CONTAINERS: dict[str, _Container] = {
    ".mp4": _Container("mp4", "aac", SAMPLE_RATE, codecs=("h264", "av1"), options=_FAST_START),
    ".webm": _Container("webm", "libopus", 48_000, codecs=("vp9", "av1")),
    ".mkv": _Container("matroska", "aac", SAMPLE_RATE, codecs=("h264", "vp9", "av1")),
}
"""Every kind of video file by its ending: one more is one row."""

_SOUND_BITS = 192_000


def encoder_for(suffix: str, codec: Codec) -> _Encoder:
    """The encoder of a kind of file. Raises UsageError for a codec that it cannot hold."""
    codecs = CONTAINERS[suffix].codecs
    if codec != "auto" and codec not in codecs:
        raise UsageError(f"--codec {codec} does not go into {suffix} files", f"Known there: {', '.join(codecs)}.")
    return _ENCODERS[codecs[0] if codec == "auto" else codec]


class VideoFile:
    """A video that is being written: sound and pictures in order of time, each from 0 on."""

    def __init__(self, container: Any, suffix: str, codec: Codec, *, size: tuple[int, int], fps: int) -> None:
        kind, encoder = CONTAINERS[suffix], encoder_for(suffix, codec)
        self._container, self._fps = container, fps
        self._video = container.add_stream(encoder.name, rate=fps, options=encoder.options)
        self._video.width, self._video.height = size
        self._video.pix_fmt = "yuv420p"
        context = self._video.codec_context
        context.time_base = Fraction(1, fps)
        context.gop_size = _KEY_FRAMES_S * fps
        context.color_range, context.colorspace = _LIMITED, _BT_709
        context.color_primaries = context.color_trc = _BT_709
        context.thread_count = 0
        self._sound = container.add_stream(kind.sound, rate=kind.sample_rate)
        self._sound.codec_context.layout = "stereo"
        self._sound.codec_context.bit_rate = _SOUND_BITS
        self._frame: Any = None
        self.num_frames = self._num_samples = 0

    def add_sound(self, audio: Audio) -> None:
        """Append stereo samples at `SAMPLE_RATE`."""
        import av

        clipped = np.ascontiguousarray(np.clip(audio.samples, -1, 1), np.float32)
        frame = av.AudioFrame.from_ndarray(clipped, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base = audio.sample_rate, Fraction(1, audio.sample_rate)
        frame.pts = self._num_samples
        self._num_samples += audio.num_samples
        self._container.mux(self._sound.encode(frame))

    def add_picture(self, picture: Planes, *, is_new: bool) -> None:
        """Append a frame; one that is the same as the last is not copied again."""
        import av

        if is_new or self._frame is None:
            height, width = picture.y.shape
            self._frame = av.VideoFrame(width, height, "yuv420p")
            for plane, part in zip(self._frame.planes, picture.all, strict=True):
                rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
                rows[:, : plane.width] = part
            self._frame.color_range, self._frame.colorspace = _LIMITED, _BT_709
            self._frame.time_base = Fraction(1, self._fps)
        self._frame.pts = self.num_frames
        self.num_frames += 1
        self._container.mux(self._video.encode(self._frame))

    def finish(self) -> None:
        """Write what the encoders still hold."""
        for stream in (self._sound, self._video):
            self._container.mux(stream.encode(None))


@contextlib.contextmanager
def writing_video(
    path: Path, shown: Path, codec: Codec, *, size: tuple[int, int], fps: int, tags: dict[str, str]
) -> Iterator[VideoFile]:
    """A video that is written to `path`, of the kind and under the name that `shown` has; complete when the block ends.

    Raises OutputError where it cannot be written.
    """
    import av

    kind = CONTAINERS[shown.suffix.lower()]
    try:
        with av.open(str(path), "w", format=kind.format, options=kind.options) as container:
            container.metadata.update(tags)
            file = VideoFile(container, shown.suffix.lower(), codec, size=size, fps=fps)
            yield file
            file.finish()
        _check_complete(path, file.num_frames)
    except av.error.FFmpegError as error:
        raise OutputError(f"cannot write {display_name(shown)} ({error.strerror})", "Is the disk full?") from None


def _check_complete(path: Path, num_frames: int) -> None:
    """Raise the error of PyAV unless the file can be read: closing one reports no error."""
    import av

    with av.open(str(path)) as container:
        found = container.streams.video[0].frames
        if found and found != num_frames:
            raise OutputError(f"the video is incomplete: {found} of {num_frames} frames", "Is the disk full?")
