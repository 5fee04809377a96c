"""The sound of karaoke as a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import SAMPLE_RATE
from lyricsrec.base.errors import OutputError
from lyricsrec.base.output import display_name

_BITS = 192_000
_MP3 = "libmp3lame"


def write_mp3(path: Path, shown: Path, sound: Iterable[Audio], tags: Mapping[str, str]) -> None:
    """Write stereo pieces as MP3 to `path`; errors name `shown`. Raises OutputError."""
    import av

    try:
        with av.open(str(path), "w", format="mp3") as container:
            container.metadata.update(tags)
            stream = container.add_stream(_MP3, rate=SAMPLE_RATE)
            stream.codec_context.layout = "stereo"
            stream.codec_context.bit_rate = _BITS
            position = 0
            for piece in sound:
                samples = np.ascontiguousarray(np.clip(piece.samples, -1, 1), np.float32)
                frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
                frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), position
                position += piece.num_samples
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except av.error.FFmpegError as error:
        raise OutputError(f"cannot write {display_name(shown)} ({error.strerror})", "Is the disk full?") from None
