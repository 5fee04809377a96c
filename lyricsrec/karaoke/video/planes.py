"""Pictures in YUV 4:2:0 (ITU-R BT.709, limited range), as encoders take them, and layers that are laid over them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np
import numpy.typing as npt

from lyricsrec.karaoke.styles.style import Rgb

Bytes = npt.NDArray[np.uint8]
_Products = npt.NDArray[np.uint16]

# ITU-R BT.709-6, table 3: luma and colour differences, in the limited range of 8 bits.
_RED, _BLUE = 0.2126, 0.0722
_LUMA = np.array([_RED, 1 - _RED - _BLUE, _BLUE], np.float32)
_U = np.array([0.0, 0.0, 1.0], np.float32) - _LUMA
_V = np.array([1.0, 0.0, 0.0], np.float32) - _LUMA
_TO_YUV = np.stack([219 * _LUMA, 112 * _U / (1 - _BLUE), 112 * _V / (1 - _RED)]) / 255
_OFFSET = np.array([16, 128, 128], np.float32)
_BANDS = 256


def yuv_of(colour: Rgb) -> npt.NDArray[np.float32]:
    """Y, U and V of a colour."""
    found: npt.NDArray[np.float32] = _TO_YUV @ np.array(colour, np.float32) + _OFFSET
    return found


@dataclass(frozen=True, eq=False)
class Planes:
    """A picture: `y` is (height, width), `u` and `v` are half of that each way."""

    y: Bytes
    u: Bytes
    v: Bytes

    @property
    def all(self) -> tuple[Bytes, Bytes, Bytes]:
        """The three planes."""
        return self.y, self.u, self.v

    def copy(self) -> Planes:
        """The same in memory of its own."""
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def rgb(self) -> Bytes:
        """The picture as (height, width, 3), for looking at it."""
        chroma = [np.repeat(np.repeat(plane, 2, 0), 2, 1) for plane in (self.u, self.v)]
        yuv = np.stack([self.y, *chroma], axis=-1).astype(np.float32) - _OFFSET
        found: Bytes = np.clip(np.rint(yuv @ np.linalg.inv(_TO_YUV).T.astype(np.float32)), 0, 255).astype(np.uint8)
        return found


def planes_of(rgb: Bytes, shade: float = 0.0) -> Planes:
    """The planes of an image (height, width, 3), darkened by a share."""
    height, width = rgb.shape[:2]
    found = plain(width, height, (0, 0, 0))
    for top in range(0, height, _BANDS):
        band = rgb[top : top + _BANDS].astype(np.float32) * np.float32(1 - shade)
        yuv = band @ _TO_YUV.T + _OFFSET
        found.y[top : top + _BANDS] = np.rint(yuv[..., 0])
        for plane, channel in ((found.u, 1), (found.v, 2)):
            plane[top // 2 : (top + _BANDS) // 2] = np.rint(_halved(yuv[..., channel]))
    return found


def plain(width: int, height: int, colour: Rgb) -> Planes:
    """A picture of one colour; width and height are even."""
    y, u, v = np.rint(yuv_of(colour)).astype(np.uint8)
    half = (height // 2, width // 2)
    return Planes(np.full((height, width), y), np.full(half, u), np.full(half, v))


def _halved(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    halved: npt.NDArray[np.float32] = values[::2, ::2] + values[1::2, ::2] + values[::2, 1::2] + values[1::2, 1::2]
    return halved / np.float32(4)


@dataclass(frozen=True, eq=False)
class Layer:
    """An image with transparency, as planes of products of colour and alpha, and of what is left of the ground.

    Width, height and place in the picture are even, so that its colour differences fit.
    """

    products: tuple[_Products, _Products, _Products]
    rest: tuple[_Products, _Products]
    _: KW_ONLY
    x: int
    y: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.products[0].shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.products[0].shape[0])


def layer_of(rgba: npt.NDArray[np.float32], x: int, y: int) -> Layer:
    """A layer of an image (height, width, 4) from 0 to 255, whose colours are not multiplied by alpha."""
    alpha = rgba[..., 3:] / 255
    products = (rgba[..., :3] @ _TO_YUV.T + _OFFSET) * alpha
    chroma = [_halved(products[..., channel]) for channel in (1, 2)]
    planes = [np.rint(255 * plane).astype(np.uint16) for plane in (products[..., 0], *chroma)]
    rest = [np.rint(255 * (1 - plane)).astype(np.uint16) for plane in (alpha[..., 0], _halved(alpha[..., 0]))]
    return Layer((planes[0], planes[1], planes[2]), (rest[0], rest[1]), x=x, y=y)


def lay(layer: Layer | None, picture: Planes, ground: Planes, box: tuple[int, int, int, int]) -> None:
    """Draw the part of a layer over the ground into the picture; without a layer, the ground itself.

    `box` is left, top, right and bottom in the picture, even numbers inside the layer.
    """
    left, top, right, bottom = box
    for number, (plane, below) in enumerate(zip(picture.all, ground.all, strict=True)):
        by = 1 if number == 0 else 2
        place = np.s_[top // by : bottom // by, left // by : right // by]
        if layer is None:
            plane[place] = below[place]
            continue
        inside = np.s_[
            (top - layer.y) // by : (bottom - layer.y) // by, (left - layer.x) // by : (right - layer.x) // by
        ]
        mixed = below[place] * layer.rest[min(number, 1)][inside]
        mixed += layer.products[number][inside]
        plane[place] = (mixed + np.uint16(127)) // np.uint16(255)
