"""The screen of a CD+G player: what it shows by now, and the packets that change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from lyricsrec.karaoke.cdg.packets import (
    HEIGHT,
    NUM_COLOURS,
    TILE_HEIGHT,
    TILE_WIDTH,
    WIDTH,
    Pixels,
    clear,
    load_colours,
    tile,
)
from lyricsrec.karaoke.styles.style import Rgb

_HALF = NUM_COLOURS // 2


class Screen:
    """Keeps colours and pixels as a player does, so that only what changes is sent."""

    def __init__(self, colours: Mapping[int, Rgb]) -> None:
        self._colours: list[Rgb] = [(0, 0, 0)] * NUM_COLOURS
        for number, colour in colours.items():
            self._colours[number] = colour
        self.pixels: Pixels = np.zeros((HEIGHT, WIDTH), np.uint8)

    def begin(self) -> Iterator[bytes]:
        """All colours, and an empty screen."""
        for first in (0, _HALF):
            yield load_colours(self._colours[first : first + _HALF], first)
        yield from clear(0)

    def set_colours(self, colours: Mapping[int, Rgb]) -> Iterator[bytes]:
        """Change colours, also of what is drawn already; at most two packets."""
        changed = {number for number, colour in colours.items() if self._colours[number] != colour}
        for number in changed:
            self._colours[number] = colours[number]
        for first in (0, _HALF):
            if any(first <= number < first + _HALF for number in changed):
                yield load_colours(self._colours[first : first + _HALF], first)

    def draw(self, pixels: Pixels, top: int) -> Iterator[bytes]:
        """Draw full rows of tiles from `top` (a multiple of their height) on, column by column."""
        for left in range(0, WIDTH, TILE_WIDTH):
            for y in range(0, pixels.shape[0], TILE_HEIGHT):
                new = pixels[y : y + TILE_HEIGHT, left : left + TILE_WIDTH]
                place = np.s_[top + y : top + y + TILE_HEIGHT, left : left + TILE_WIDTH]
                if not np.array_equal(self.pixels[place], new):
                    self.pixels[place] = new
                    yield from tile(new, (top + y) // TILE_HEIGHT, left // TILE_WIDTH)

    def erase(self, top: int, height: int) -> Iterator[bytes]:
        """Empty full rows of tiles."""
        yield from self.draw(np.zeros((height, WIDTH), np.uint8), top)
