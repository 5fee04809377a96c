"""A song's sound inside a page: MP3, which every browser plays."""

from __future__ import annotations

import base64
import io

import numpy as np

from lyricsrec.audio import Audio
from lyricsrec.media import SAMPLE_RATE


class SoundInPage:
    """Collects stretches of a song as MP3 (stereo, some 128 kbit/s); nothing of the song's tags goes with them."""

    def __init__(self) -> None:
        import soundfile

        self._bytes = io.BytesIO()
        self._file = soundfile.SoundFile(
            self._bytes,
            "w",
            SAMPLE_RATE,
            2,
            "MPEG_LAYER_III",
            format="MP3",
            bitrate_mode="CONSTANT",
            compression_level=0.7,
        )

    def add(self, part: Audio) -> None:
        """Append a stretch."""
        self._file.write(np.clip(part.samples.T, -1, 1))

    def address(self) -> str:
        """The whole of it as a data URI. Nothing can be added any more."""
        self._file.close()
        return "data:audio/mpeg;base64," + base64.b64encode(self._bytes.getbuffer()).decode()
