"""Text as an image: words side by side as their script is read, with an outline, in two states of colour."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lyricsrec.formats.timed_text import space_between
from lyricsrec.karaoke.styles.style import Rgb

_Mask = npt.NDArray[np.float32]
_RIGHT_TO_LEFT = ("R", "AL", "AN")


@lru_cache(maxsize=32)
def font_of(path: Path, size: int) -> Any:
    """The font of a file at a size in pixels."""
    from PIL import ImageFont

    return ImageFont.truetype(str(path), size)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    kinds = (unicodedata.bidirectional(c) for c in text)
    return next((kind in _RIGHT_TO_LEFT for kind in kinds if kind in (*_RIGHT_TO_LEFT, "L")), False)


@dataclass(frozen=True)
class Span:
    """The columns of a word in its row, in pixels, and whether it is read from the right."""

    left: float
    right: float
    is_rtl: bool = False


@dataclass(frozen=True)
class Row:
    """Words and their columns; `width` is that of all, in pixels."""

    texts: tuple[str, ...]
    spans: tuple[Span, ...]
    width: float


def row_of(texts: Sequence[str], font: Any) -> Row:
    """Place words side by side; a line that begins from right to left runs so, with words of other scripts inside."""
    widths = [font.getlength(text) for text in texts]
    gaps = [
        font.getlength(" ") if space_between(before, after) else 0.0
        for before, after in zip(texts, [*texts[1:], ""], strict=False)
    ]
    order = in_sight(texts)
    lefts = [0.0] * len(texts)
    position = 0.0
    for place, number in enumerate(order):
        lefts[number] = position
        position += widths[number]
        if place + 1 < len(order):
            position += gaps[min(number, order[place + 1])]
    spans = (
        Span(left, left + width, is_right_to_left(text)) for left, width, text in zip(lefts, widths, texts, strict=True)
    )
    return Row(tuple(texts), tuple(spans), position)


def in_sight(texts: Sequence[str]) -> list[int]:
    """The numbers of the words of a line as they stand from left to right."""
    if not is_right_to_left(" ".join(texts)):
        return list(range(len(texts)))
    runs = [list(run) for _, run in groupby(range(len(texts)), key=lambda i: _runs_right(texts[i]))]
    return [number for run in runs[::-1] for number in (run if _runs_right(texts[run[0]]) else run[::-1])]


def _runs_right(text: str) -> bool:
    """Whether a word is read from left to right; one without letters goes with the line."""
    return any(unicodedata.bidirectional(c) == "L" for c in text) and not is_right_to_left(text)


@dataclass(frozen=True, eq=False)
class Ink:
    """Where a text covers its image: `letters`, and `all` with the outline; from 0 to 1, (height, width)."""

    letters: _Mask
    all: _Mask

    def coloured(self, letters: Rgb, outline: Rgb) -> _Mask:
        """The image (height, width, 4) in two colours, from 0 to 255."""
        share = self.letters[..., None]
        colours = np.array(outline, np.float32) * (1 - share) + np.array(letters, np.float32) * share
        return np.concatenate([colours, 255 * self.all[..., None]], axis=-1)


def ink_of(row: Row, font: Any, width: int, height: int, *, at: tuple[float, float], outline: float) -> Ink:
    """Draw a row into an empty image; `at` is the left end of its baseline, `outline` the width of one in pixels."""
    from PIL import Image, ImageDraw

    masks = []
    for stroke in dict.fromkeys((0.0, outline)):
        image = Image.new("L", (width, height))
        draw = ImageDraw.Draw(image)
        for text, span in zip(row.texts, row.spans, strict=True):
            draw.text((at[0] + span.left, at[1]), text, fill=255, font=font, anchor="ls", stroke_width=stroke)
        masks.append(np.asarray(image, np.float32) / 255)
    return Ink(masks[0], np.maximum(masks[0], masks[-1]))
