"""A show on the screen of a CD+G player: words light up by a change of their colour's number.

Number 0 is the ground and 1 that of cards, dots and translations; each of the two places for lines has seven, one for
each word. So a word lights up at its time with a single packet, while all drawing waits its turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from lyricsrec.karaoke.cdg.packets import (
    EMPTY,
    HEIGHT,
    PER_SECOND,
    TILE_HEIGHT,
    TILE_WIDTH,
    WIDTH,
    Pixels,
)
from lyricsrec.karaoke.cdg.screen import Screen
from lyricsrec.karaoke.layout.show import COUNTED, Card, Placed, Show
from lyricsrec.karaoke.styles.style import Rgb, Style, rgb
from lyricsrec.karaoke.video.text import Row, font_of, row_of

SLOTS, WORDS = 2, 7
"""Places for lines, and the words that one holds."""

_LEFT, _TOP, _BOTTOM = 12, 12, 204
_ROOM = WIDTH - 2 * _LEFT
_SIZE, _SECOND_SIZE, _TITLE_SIZE, _ARTIST_SIZE, _SMALLEST = 22, 13, 26, 18, 8
_LINE_HEIGHT, _SECOND_HEIGHT, _GAP = 36, 24, 12
_BASELINE, _SECOND_BASELINE = 26, 14

_Job = Callable[[], Iterator[bytes]]


def fits(font: Path, texts: Sequence[str]) -> bool:
    """Whether words fit into a line of the screen."""
    return len(texts) <= WORDS and row_of(texts, font_of(font, _SIZE)).width <= _ROOM


class Player:
    """Makes the packets of a show, one after another; memory holds what is on the screen."""

    def __init__(self, show: Show, style: Style, font: Path, *, ground: Rgb, title: Sequence[str]) -> None:
        self._show, self._style, self._font = show, style, font
        self._has_second = any(item.line.second for item in show.lines)
        self._screen = Screen({0: ground, 1: rgb(style.card)})
        self._sent = 0
        self._jobs = deque(sorted(self._planned(title), key=lambda job: job[0]))
        lit = ((word.start_s, item, number) for item in show.lines for number, word in enumerate(item.line.words))
        self._lit = deque(sorted(lit, key=lambda entry: entry[0]))

    def packets(self) -> Iterator[bytes]:
        """As many packets as the song is long: changes of colours at their times, drawing between them."""
        queue: deque[Iterator[bytes]] = deque([self._screen.begin()])
        total = ceil(self._show.duration_s * PER_SECOND)
        while self._sent < total:
            while self._jobs and self._jobs[0][0] <= self._now_s:
                queue.append(self._jobs.popleft()[1]())
            packet = self._light() or _first(queue) or EMPTY
            self._sent += 1
            yield packet

    @property
    def _now_s(self) -> float:
        return self._sent / PER_SECOND

    def _light(self) -> bytes | None:
        """The packet that lights up the word whose time has come."""
        while self._lit and self._lit[0][0] <= self._now_s:
            _, item, number = self._lit.popleft()
            packet = next(
                self._screen.set_colours({_index(item, number): self._style.colour_of(self._show.voice(item.line))}),
                None,
            )
            if packet is not None:
                return packet
        return None

    def _planned(self, title: Sequence[str]) -> Iterator[tuple[float, _Job]]:
        """What is drawn, and when; times of the same job order are kept."""
        for card in self._show.cards:
            yield card.from_s, partial(self._draw_card, card, title)
            if not card.is_end:
                yield card.to_s, partial(self._screen.erase, _TOP, _BOTTOM - _TOP)
        following = {id(before): after for before, after in _successors(self._show.lines)}
        for item in self._show.lines:
            yield item.from_s, partial(self._draw_line, item)
            after = following.get(id(item))
            if after is None or after.from_s > item.to_s:
                yield item.to_s, partial(self._screen.erase, self._top(item.slot), self._slot_height)
        for to_s in self._show.countdowns_s:
            for number in range(COUNTED, -1, -1):
                yield to_s - number, partial(self._draw_dots, number)

    @property
    def _slot_height(self) -> int:
        return _LINE_HEIGHT + (_SECOND_HEIGHT if self._has_second else 0)

    def _top(self, slot: int) -> int:
        block = SLOTS * self._slot_height + _GAP
        return TILE_HEIGHT * round((HEIGHT - block) / 2 / TILE_HEIGHT) + slot * (self._slot_height + _GAP)

    def _draw_line(self, item: Placed) -> Iterator[bytes]:
        """Empty the place, set the colours of its words, then draw them."""
        top = self._top(item.slot)
        yield from self._screen.erase(top, self._slot_height)
        unsung, sung = rgb(self._style.unsung), self._style.colour_of(self._show.voice(item.line))
        now_s = self._now_s
        colours = {
            _index(item, number): sung if word.start_s <= now_s else unsung
            for number, word in enumerate(item.line.words)
        }
        yield from self._screen.set_colours({**colours, 1: rgb(self._style.second)})
        yield from self._screen.draw(self._line_pixels(item), top)

    def _line_pixels(self, item: Placed) -> Pixels:
        pixels = np.zeros((self._slot_height, WIDTH), np.uint8)
        row, font = _fitted(self._font, [word.text for word in item.line.words], _SIZE)
        left = _LEFT + self._show.side(item.line) * (_ROOM - row.width)
        numbers = [_index(item, number) for number in range(len(row.texts))]
        _write(pixels, row, font, (left, _BASELINE), numbers)
        if item.line.second:
            second, small = _fitted(self._font, item.line.second.split(), _SECOND_SIZE)
            left = _LEFT + self._show.side(item.line) * (_ROOM - second.width)
            _write(pixels, second, small, (left, _LINE_HEIGHT + _SECOND_BASELINE), [1] * len(second.texts))
        return pixels

    def _draw_card(self, card: Card, title: Sequence[str]) -> Iterator[bytes]:
        yield from self._screen.erase(_TOP, _BOTTOM - _TOP)
        yield from self._screen.set_colours({1: rgb(self._style.card)})
        pixels = np.zeros((_BOTTOM - _TOP, WIDTH), np.uint8)
        baseline = 90.0
        for text, size in zip(title, (_TITLE_SIZE, *([_ARTIST_SIZE] * len(title))), strict=False):
            row, font = _fitted(self._font, text.split(), size)
            _write(pixels, row, font, (_LEFT + (_ROOM - row.width) / 2, baseline), [1] * len(row.texts))
            baseline += 1.5 * size
        yield from self._screen.draw(pixels, _TOP)

    def _draw_dots(self, number: int) -> Iterator[bytes]:
        """Dots above the first place, two tiles each."""
        pixels = np.zeros((TILE_HEIGHT, WIDTH), np.uint8)
        y, x = np.mgrid[0:TILE_HEIGHT, 0 : 2 * TILE_WIDTH]
        dot = (x - 5.5) ** 2 + (y - 5.5) ** 2 <= 16
        left = _LEFT if self._show.is_duet else WIDTH // 2 - COUNTED * TILE_WIDTH
        for place in range(number):
            first = left + 2 * TILE_WIDTH * place
            pixels[:, first : first + 2 * TILE_WIDTH] = dot
        yield from self._screen.draw(pixels, self._top(0) - TILE_HEIGHT)


def _first(queue: deque[Iterator[bytes]]) -> bytes | None:
    """The next packet of what waits to be drawn."""
    while queue:
        packet = next(queue[0], None)
        if packet is not None:
            return packet
        queue.popleft()
    return None


def _index(item: Placed, word: int) -> int:
    """The number of the colour of a word."""
    return 2 + WORDS * item.slot + word % WORDS


def _successors(lines: Sequence[Placed]) -> Iterator[tuple[Placed, Placed]]:
    """Each line, and the one that takes its place."""
    last: dict[int, Placed] = {}
    for item in lines:
        if item.slot in last:
            yield last[item.slot], item
        last[item.slot] = item


def _fitted(path: Path, texts: Sequence[str], size: int) -> tuple[Row, Any]:
    while True:
        font = font_of(path, size)
        row = row_of(texts, font)
        if row.width <= _ROOM or size <= _SMALLEST:
            return row, font
        size -= 1


def _write(pixels: Pixels, row: Row, font: Any, at: tuple[float, float], numbers: Sequence[int]) -> None:
    """Draw words without grey edges, each in the number of a colour."""
    from PIL import Image, ImageDraw

    for text, span, number in zip(row.texts, row.spans, numbers, strict=True):
        image = Image.new("1", (WIDTH, pixels.shape[0]))
        draw = ImageDraw.Draw(image)
        draw.fontmode = "1"
        draw.text((round(at[0] + span.left), round(at[1])), text, fill=1, font=font, anchor="ls")
        pixels[np.asarray(image)] = number
    pixels[:, :_LEFT] = pixels[:, WIDTH - _LEFT :] = 0
