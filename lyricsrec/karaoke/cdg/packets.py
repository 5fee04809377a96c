"""The packets of CD+G: 24 bytes each, 300 in a second.

Four channel bits, of which players ignore the parities: command 9 is CD+G, then an instruction and 16 bytes of data.
https://jbum.com/cdg_revealed.html
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lyricsrec.karaoke.styles.style import Rgb

PER_SECOND = 300
SIZE = 24
WIDTH, HEIGHT = 300, 216
TILE_WIDTH, TILE_HEIGHT = 6, 12
NUM_COLOURS = 16
EMPTY = bytes(SIZE)

_COMMAND = 9
_MEMORY_PRESET, _BORDER_PRESET, _TILE, _TILE_XOR = 1, 2, 6, 38
_LOAD_LOW, _LOAD_HIGH = 30, 31
_NUM_REPEATS = 16
_WEIGHTS = 1 << np.arange(TILE_WIDTH - 1, -1, -1)

Pixels = npt.NDArray[np.uint8]
"""Numbers of colours, (height, width)."""


def _packet(instruction: int, data: Sequence[int]) -> bytes:
    return bytes([_COMMAND, instruction, 0, 0, *data, *([0] * (16 - len(data))), 0, 0, 0, 0])


def clear(colour: int) -> list[bytes]:
    """Fill picture and border with a colour; repeated, because players may miss a packet."""
    return [_packet(_MEMORY_PRESET, [colour, number]) for number in range(_NUM_REPEATS)] + [
        _packet(_BORDER_PRESET, [colour])
    ]


def load_colours(colours: Sequence[Rgb], first: int) -> bytes:
    """Set eight colours from number `first` on, 0 or 8; each of red, green and blue has 16 steps."""
    data: list[int] = []
    for colour in colours:
        red, green, blue = (round(part / 17) for part in colour)
        data += [red << 2 | green >> 2, (green & 3) << 4 | blue]
    return _packet(_LOAD_HIGH if first else _LOAD_LOW, data)


def tile(pixels: Pixels, row: int, column: int) -> list[bytes]:
    """Draw a tile (12, 6) of any colours at a row and column of tiles.

    The first packet has two colours; each further one is added by exclusive or.
    """
    colours = [int(colour) for colour in np.unique(pixels)]
    base, front = colours[0], colours[1] if len(colours) > 1 else colours[0]
    packets = [_tile_packet(_TILE, base, front, pixels == front, row, column)]
    for colour in colours[2:]:
        packets.append(_tile_packet(_TILE_XOR, 0, base ^ colour, pixels == colour, row, column))
    return packets


def _tile_packet(instruction: int, base: int, front: int, mask: npt.NDArray[np.bool_], row: int, column: int) -> bytes:
    rows = (mask * _WEIGHTS).sum(axis=1)
    return _packet(instruction, [base, front, row, column, *(int(bits) for bits in rows)])
