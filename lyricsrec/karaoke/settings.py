"""What a karaoke file is made of: its size, its sound and its looks."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import Settings, Share
from lyricsrec.karaoke.styles.style import Style
from lyricsrec.models.catalogue import LISTENING_SEPARATOR

Codec = Literal["auto", "h264", "vp9", "av1"]
"""Codecs of pictures; auto is that of the kind of file."""

DEFAULT_STYLE = "clean"

FramesPerSecond = Annotated[int, Ge(10), Le(120)]

NAMED_SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "1440p": (2560, 1440), "4k": (3840, 2160)}

_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_SMALLEST = 64


@dataclass(frozen=True)
class KaraokeConfig(Settings):
    """How a karaoke file looks and sounds.

    `style` is a name, a TOML file, or the style itself; `background` (a colour, an image or a video) and `font` (a
    file or the name of a family) replace its own. `backing` is the share of the voice that is left in.
    `instrumental` is a file to use instead of separating the song, `vocals` that of the voice for packages.
    """

    style: str | Style = DEFAULT_STYLE
    background: str | None = None
    font: str | None = None
    _: KW_ONLY
    size: str = "720p"
    fps: FramesPerSecond = 30
    codec: Codec = "auto"
    instrumental: Path | None = None
    vocals: Path | None = None
    backing: Share = 0.0
    separator: str = LISTENING_SEPARATOR

    @property
    def width_height(self) -> tuple[int, int]:
        """Width and height of the picture in pixels. Raises UsageError."""
        return size_of(self.size)


def size_of(text: str) -> tuple[int, int]:
    """Width and height that `--size` means. Raises UsageError."""
    if text.lower() in NAMED_SIZES:
        return NAMED_SIZES[text.lower()]
    match = _SIZE.fullmatch(text.lower())
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if min(width, height) < _SMALLEST or width % 2 or height % 2:
        known = ", ".join(NAMED_SIZES)
        raise UsageError(
            f"--size '{text}' is not a size", f"Known: {known}; or WIDTHxHEIGHT in even numbers of pixels."
        )
    return width, height
