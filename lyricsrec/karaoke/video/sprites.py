"""What a `Show` looks like: sprites, which are images that are shown between two times and lit word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.karaoke.layout.lines import ShownLine, SungWord, Syllable, shown_lines
from lyricsrec.karaoke.layout.show import COUNTED, Card, Placed, Show, show_of
from lyricsrec.karaoke.styles.style import Style, rgb
from lyricsrec.karaoke.video.planes import Layer, layer_of
from lyricsrec.karaoke.video.text import Row, Span, font_of, ink_of, row_of
from lyricsrec.lyrics.transcript import Transcript

_ROW = 1.32
"""Height of a row, in sizes of its font; accents above capitals and letters below the line fit in."""

_BASELINE = 1.02
_GAP = 0.25
_BACKING = 0.8
_DOTS = 0.55
_TITLE, _ARTIST, _SMALLEST = 1.35, 0.85, 0.3


@dataclass(frozen=True)
class Lit:
    """Columns of a sprite (in pixels of the picture) that are lit from one side to the other between two times."""

    left: float
    right: float
    _: KW_ONLY
    start_s: float
    end_s: float
    is_rtl: bool = False

    def columns(self, time_s: float) -> tuple[int, int]:
        """The columns that are lit at a time, even numbers; none where both are the same."""
        length_s = self.end_s - self.start_s
        share = float(time_s >= self.start_s) if length_s <= 0 else (time_s - self.start_s) / length_s
        reach = (self.right - self.left) * min(max(share, 0.0), 1.0)
        if reach <= 0:
            return 0, 0
        left, right = (self.right - reach, self.right) if self.is_rtl else (self.left, self.left + reach)
        return 2 * round(left / 2), 2 * round(right / 2)


@dataclass(frozen=True, eq=False)
class Sprite:
    """An image between two times: `plain`, and `full` in the columns that are lit; without `full`, nothing is there."""

    plain: Layer
    full: Layer | None
    lit: tuple[Lit, ...]
    _: KW_ONLY
    from_s: float
    to_s: float


class Stage:
    """Draws what a show has, in a style, for a picture of a size."""

    def __init__(self, style: Style, font: Path, width: int, height: int) -> None:
        self._style, self._font = style, font
        self.width, self.height = width, height
        self.border = 2 * round(style.margin * width / 2), 2 * round(style.margin * height / 2)
        self._has_second = self._is_duet = False
        self.size = max(round(style.size * height), 6)

    def show_of(self, transcript: Transcript, duration_s: float) -> Show:
        """The lines of a transcript, split where they do not fit, at a size for which there is room."""
        slots = self._style.lines
        self._prepare(show_of(shown_lines(transcript, lambda _: True), slots=slots, duration_s=duration_s))
        show = show_of(shown_lines(transcript, self._fits), slots=slots, duration_s=duration_s)
        self._prepare(show)
        return show

    def _prepare(self, show: Show) -> None:
        """Find the size at which the lines of a show have room, with their translations."""
        self._has_second, self._is_duet = any(item.line.second for item in show.lines), show.is_duet
        self.size = max(round(self._style.size * self.height), 6)
        room = self.height - 2 * self.border[1]
        while self.size > 6 and self.dots_height + self._style.lines * self.slot_height > room:
            self.size -= 1

    def _fits(self, texts: Sequence[str]) -> bool:
        """Whether words fit between the margins."""
        return row_of(texts, font_of(self._font, self.size)).width + 2 * self.outline_width <= self._room

    def line_height_of(self, size: int) -> float:
        """From the top of the highest to the bottom of the lowest letters of the font, in pixels."""
        ascent, descent = font_of(self._font, size).getmetrics()
        return float(ascent + descent)

    def sprites(self, show: Show, title: Sequence[str]) -> Iterator[tuple[float, partial[Sprite]]]:
        """When each sprite begins, in order of time, and how to draw it then; `title` are the rows of the cards."""
        waiting = [(card.from_s, partial(self._card, card, title)) for card in show.cards if title]
        waiting += [(item.from_s, partial(self._line, item, show)) for item in show.lines]
        waiting += [(to_s - COUNTED, partial(self._dots, to_s)) for to_s in show.countdowns_s]
        yield from sorted(waiting, key=lambda pair: pair[0])

    @property
    def _room(self) -> int:
        return self.width - 2 * self.border[0]

    @property
    def outline_width(self) -> int:
        """Width of the outline in pixels."""
        return round(self._style.outline_width * self.size)

    @property
    def second_size(self) -> int:
        """Size of the font of translations in pixels."""
        return max(round(self._style.second_size * self.size), 5)

    @property
    def slot_height(self) -> int:
        """Height of the place of a line, with its translation."""
        second = _ROW * self.second_size if self._has_second else 0.0
        return 2 * round(((_ROW + _GAP) * self.size + second) / 2)

    @property
    def dots_height(self) -> int:
        """Height of the dots of a countdown."""
        return 2 * round(_ROW * _DOTS * self.size / 2)

    @property
    def top(self) -> int:
        """Where the first place begins."""
        block = self._style.lines * self.slot_height
        if self._style.place == "bottom":
            return self.height - self.border[1] - block
        return 2 * round((self.height - block + self.dots_height) / 4)

    def _line(self, item: Placed, show: Show) -> Sprite:
        line = item.line
        size = round(self.size * (_BACKING if line.is_backing else 1))
        row, font = self._fitted([word.text for word in line.words], size)
        second, second_font = self._fitted(line.second.split(), self.second_size)
        pad = self.outline_width + 1
        width = 2 * round((max(row.width, second.width) + 2 * pad) / 2 + 0.5)
        x = self._x(width, line, show)
        lefts = [pad + (width - 2 * pad - part.width) * show.side(line) for part in (row, second)]
        baseline = _BASELINE * self.size
        draw = partial(ink_of, width=width, height=self.slot_height, outline=self.outline_width)
        ink = draw(row, font, at=(lefts[0], baseline))
        below = draw(second, second_font, at=(lefts[1], _ROW * self.size + _BASELINE * self.second_size))
        outline, colour = rgb(self._style.outline), self._style.colour_of(show.voice(line))
        under = below.coloured(rgb(self._style.second), outline)
        y = self.top + item.slot * self.slot_height
        plain, full = (
            layer_of(_over(ink.coloured(letters, outline), under), x, y)
            for letters in (rgb(self._style.unsung), colour)
        )
        lit = _lit(line, row, x + lefts[0], edge=self.outline_width)
        return Sprite(plain, full, lit, from_s=item.from_s, to_s=item.to_s)

    def _fitted(self, texts: Sequence[str], size: int) -> tuple[Row, Any]:
        """Words in one row at a size, or at the largest one that fits."""
        while True:
            font = font_of(self._font, size)
            row = row_of(texts, font)
            if size <= 5 or row.width + 2 * self.outline_width + 2 <= self._room:
                return row, font
            size = max(min(size - 1, int(size * self._room / (row.width + 2 * self.outline_width + 4))), 5)

    def _x(self, width: int, line: ShownLine, show: Show) -> int:
        border = self.border[0]
        return border + 2 * round((self._room - width) * show.side(line) / 2)

    def _card(self, card: Card, title: Sequence[str]) -> Sprite:
        sizes = [_TITLE, *(_ARTIST for _ in title[1:])]
        scale = 0.75 if card.is_end else 1.0
        parts = [self._fitted([text], round(size * scale * self.size)) for text, size in zip(title, sizes, strict=True)]
        tops = np.cumsum([0.0, *(_ROW * font.size for _, font in parts)])
        height = 2 * round(tops[-1] / 2 + 0.5)
        image = np.zeros((height, self._room, 4), np.float32)
        outline = rgb(self._style.outline)
        for number, ((row, font), top) in enumerate(zip(parts, tops, strict=False)):
            at = ((self._room - row.width) / 2, top + _BASELINE * font.size)
            ink = ink_of(row, font, self._room, height, at=at, outline=self.outline_width)
            image = _over(ink.coloured(rgb(self._style.second if number else self._style.card), outline), image)
        layer = layer_of(image, self.border[0], 2 * round((self.height - height) / 4))
        return Sprite(layer, layer, (), from_s=card.from_s, to_s=card.to_s)

    def _dots(self, to_s: float) -> Sprite:
        """Dots above the first place, of which one goes out every second."""
        from PIL import Image, ImageDraw

        height = self.dots_height
        step = 2 * round(0.75 * height / 2)
        image = Image.new("L", (COUNTED * step, height))
        draw = ImageDraw.Draw(image)
        radius = 0.2 * height
        for number in range(COUNTED):
            middle = (number + 0.5) * step
            draw.ellipse((middle - radius, height / 2 - radius, middle + radius, height / 2 + radius), fill=255)
        mask = np.asarray(image, np.float32)[..., None]
        colour = np.broadcast_to(np.array(rgb(self._style.card), np.float32), (*mask.shape[:2], 3))
        x = self.border[0] + (0 if self._is_duet else 2 * round((self._room - COUNTED * step) / 4))
        layer = layer_of(np.concatenate([colour, mask], axis=-1), x, self.top - height)
        lit = tuple(Lit(x + n * step, x + (n + 1) * step, start_s=to_s - n, end_s=to_s - n) for n in range(COUNTED))
        return Sprite(layer, None, lit, from_s=to_s - COUNTED, to_s=to_s)


def _lit(line: ShownLine, row: Row, left: float, *, edge: float) -> tuple[Lit, ...]:
    """The columns of the words, with their outlines; of syllables where they have times."""
    return tuple(
        lit
        for word, span in zip(line.words, row.spans, strict=True)
        for lit in lit_of(word, replace(span, left=left + span.left - edge, right=left + span.right + edge))
    )


def lit_of(word: SungWord, span: Span) -> Iterator[Lit]:
    """The columns of a word, or of each of its syllables."""
    begin = 0.0
    for part in word.syllables or (Syllable(word.start_s, word.end_s, 1.0),):
        shares = (1 - part.share, 1 - begin) if span.is_rtl else (begin, part.share)
        left, right = (span.left + share * (span.right - span.left) for share in shares)
        yield Lit(left, right, start_s=part.start_s, end_s=part.end_s, is_rtl=span.is_rtl)
        begin = part.share


def _over(upper: Any, lower: Any) -> Any:
    """One image over another, both (height, width, 4) from 0 to 255."""
    share = upper[..., 3:] / 255
    alpha = upper[..., 3:] + lower[..., 3:] * (1 - share)
    colours = upper[..., :3] * upper[..., 3:] + lower[..., :3] * lower[..., 3:] * (1 - share)
    return np.concatenate([colours / np.maximum(alpha, 1e-3), alpha], axis=-1)
