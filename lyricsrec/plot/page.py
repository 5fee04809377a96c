"""A song as an HTML page that plays it: words at their times over the backdrop, and lines to check."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.media import SAMPLE_RATE
from lyricsrec.base.clock import clock
from lyricsrec.base.html import render
from lyricsrec.base.output import write_text
from lyricsrec.plot.backdrop import COLUMNS_PER_S, Backdrop
from lyricsrec.plot.colours import confidence_colour
from lyricsrec.plot.content import Content
from lyricsrec.plot.melody import MelodyLayer


class SoundInPage:
    """Collects blocks of a song as MP3 (stereo, about 128 kbit/s), without the tags of the song."""

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
        """Append a block."""
        self._file.write(np.clip(part.samples.T, -1, 1))

    def address(self) -> str:
        """The collected audio as a data URI; afterwards nothing can be added."""
        self._file.close()
        return "data:audio/mpeg;base64," + base64.b64encode(self._bytes.getbuffer()).decode()


_TILE_S = 60.0
"""Length of each image of the backdrop (seconds): browsers limit the size of images, and draw only visible ones."""


@dataclass(frozen=True)
class _Tile:
    """An image of the backdrop at `start_s` from the start of the page; `address` is a data URI."""

    start_s: float
    length_s: float
    address: str


def write_page(
    path: Path,
    content: Content,
    *,
    audio: str | None,
    audio_start_s: float = 0.0,
) -> None:
    """Write the page.

    `audio` is the address of the audio, whose first sample is at `audio_start_s` of the song; without it the page asks
    for the song's file. Raises OutputError when the page cannot be written.
    """
    values = {
        "title": content.title,
        "caption": content.caption,
        "words": content.words,
        "asides": content.asides,
        "chords": content.chords,
        "melody": MelodyLayer(content.melody) if content.melody is not None else None,
        "tiles": list(_tiles(content.backdrop)),
        "start_s": content.backdrop.start_s,
        "end_s": content.backdrop.end_s,
        "audio": audio,
        "audio_start_s": audio_start_s,
        "clock": clock,
        "colour": confidence_colour,
    }
    write_text(path, render("lyricsrec.plot", values, img="data:", media="'self' file: data: blob:"))


def _tiles(backdrop: Backdrop) -> Iterator[_Tile]:
    """The backdrop as images of a minute each, dark on light."""
    from PIL import Image

    for first in range(0, backdrop.pixels.shape[1], round(_TILE_S * COLUMNS_PER_S)):
        pixels = backdrop.pixels[::-1, first : first + round(_TILE_S * COLUMNS_PER_S)]
        # The darkest is a middle grey, so that words and lines stay visible on it.
        shades = (255 - 0.75 * pixels.astype(np.float32)).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(shades).save(file, "WEBP", quality=55)
        data = base64.b64encode(file.getvalue()).decode()
        yield _Tile(first / COLUMNS_PER_S, pixels.shape[1] / COLUMNS_PER_S, f"data:image/webp;base64,{data}")
