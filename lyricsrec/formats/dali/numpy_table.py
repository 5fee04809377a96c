"""Numpy arrays in pickles, rebuilt as lists: numpy's own functions follow addresses that a file may choose."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from lyricsrec.formats.dali.pickled_data import Globals, PickledObject

_PLAIN_TYPE = re.compile(r"[<>|=]?(?:b1|[iu][1248]|f[248]|[SU]\d{1,6})")
_OBJECT_TYPE = re.compile(r"[<>|=]?O8?")


class PickledType(PickledObject):
    """The type of an array's items: numbers, strings or plain objects."""

    def __init__(self, code: Any, *_: Any) -> None:
        self.code = _text(code)
        self.byte_order = "="

    def set_state(self, state: Any) -> None:
        """Take the byte order. Raises ValueError for types with fields."""
        if not isinstance(state, tuple) or len(state) < 5 or any(part is not None for part in state[2:5]):
            raise ValueError("an array with fields")
        order = _text(state[1])
        if order not in set("<>|="):
            raise ValueError("an array with an unknown byte order")
        self.byte_order = order

    @property
    def holds_objects(self) -> bool:
        """Whether the items are values of the pickle."""
        return _OBJECT_TYPE.fullmatch(self.code) is not None

    def decode(self, data: Any, shape: tuple[int, ...], order: Any) -> Any:
        """The nested lists that `data` holds. Raises ValueError when its size does not match."""
        # Imported when first used: `lyricsrec --help` must not wait for it.
        import numpy as np

        if not _PLAIN_TYPE.fullmatch(self.code):
            raise ValueError(f"an array of type {self.code[:20]}")
        raw = data.encode("latin1") if isinstance(data, str) else data
        if not isinstance(raw, bytes):
            raise ValueError("an array without bytes")
        kind = np.dtype(self.byte_order + self.code.lstrip("<>|="))
        array = np.frombuffer(raw, kind).reshape(shape, order=order)
        if kind.kind == "U":
            # numpy makes text of any number; Python refuses those that are not characters.
            array.astype(kind.newbyteorder("<")).tobytes().decode("utf-32-le")
        return array.tolist()


class PickledArray(PickledObject):
    """An array; `values` are its nested lists."""

    def __init__(self, *_: Any) -> None:
        self.values: Any = []

    def set_state(self, state: Any) -> None:
        """Take shape, type and items. Raises ValueError when they do not match."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise ValueError("an array of an unknown version")
        _, shape, kind, fortran, data = state
        if not isinstance(kind, PickledType) or not isinstance(shape, tuple):
            raise ValueError("an array without type or shape")
        if not all(isinstance(size, int) and size >= 0 for size in shape) or len(shape) > 2:
            raise ValueError("an array with a shape that is not one of a table")
        if not kind.holds_objects:
            self.values = kind.decode(data, shape, "F" if fortran else "C")
            return
        if not isinstance(data, list):
            raise ValueError("an array without items")
        # Objects are always listed row by row.
        self.values = _in_rows(data, shape)


def _in_rows(items: list[Any], shape: tuple[int, ...]) -> Any:
    if math.prod(shape) != len(items):
        raise ValueError("an array with a shape that does not fit its items")
    if len(shape) == 2:
        return [items[row * shape[1] : (row + 1) * shape[1]] for row in range(shape[0])]
    return items if shape else items[0]


def _scalar(kind: Any, data: Any = None) -> Any:
    if not isinstance(kind, PickledType):
        raise ValueError("a number without a type")
    return data if kind.holds_objects else kind.decode(data, (), "C")


def _encode(text: Any, encoding: Any = "latin1") -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise ValueError("text in an unknown encoding")
    return text.encode("latin1")


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin1")
    if not isinstance(value, str):
        raise ValueError("an array's type is missing")
    return value


_FUNCTIONS: dict[str, Callable[..., Any]] = {"_reconstruct": PickledArray, "scalar": _scalar}

NUMPY_GLOBALS: Globals = {
    **{(f"numpy.{core}.multiarray", name): make for core in ("core", "_core") for name, make in _FUNCTIONS.items()},
    ("numpy", "ndarray"): PickledArray,
    ("numpy", "dtype"): PickledType,
    ("_codecs", "encode"): _encode,
}
"""The functions that pickles of numpy arrays call, replaced by ones that make lists."""


def plain(value: Any) -> Any:
    """`value` with the lists of arrays in place of them, in a table of rows."""
    if isinstance(value, PickledArray):
        return value.values
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
