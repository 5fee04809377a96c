"""Reading the weights of a Whisper model from a CTranslate2 file (WhisperSpec, binary version 6)."""

from __future__ import annotations

import struct
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor

Weights = dict[str, np.ndarray[Any, Any]]

_DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def read_weights(path: Path, part: str) -> Weights:
    """The arrays of a Whisper model whose names begin with `part`; equal arrays are stored once and named twice.

    Raises ValueError for a file in another format or without such a part, OSError when it cannot be read.
    """
    entries: dict[str, _Entry] = {}
    with path.open("rb") as file:
        if _number(file, "I") != 6 or _text(file) != "WhisperSpec":
            raise ValueError("model.bin is not a Whisper model in version 6 of CTranslate2's format")
        _number(file, "I")
        for _ in range(_number(file, "I")):
            name = _text(file)
            shape = [_number(file, "I") for _ in range(_number(file, "B"))]
            kind, num_bytes = _number(file, "B"), _number(file, "I")
            entries[name] = _Entry(file.tell(), shape, kind, num_bytes=num_bytes)
            file.seek(num_bytes, 1)
        aliases = {_text(file): _text(file) for _ in range(_number(file, "I"))}
        # An array of the other half may serve this one, too.
        names = {name: aliases.get(name, name) for name in (*entries, *aliases) if name.startswith(part)}
        arrays = {name: _array(file, entries[name]) for name in dict.fromkeys(names.values()) if name in entries}
    if not arrays:
        raise ValueError(f"model.bin has no {part.strip('/')}")
    return {name: arrays[stored] for name, stored in names.items() if stored in arrays}


@dataclass(frozen=True)
class _Entry:
    """Where an array lies in the file."""

    offset: int
    shape: list[int]
    kind: int
    _: KW_ONLY
    num_bytes: int


def _array(file: BinaryIO, entry: _Entry) -> np.ndarray[Any, Any]:
    if entry.kind not in _DTYPES:
        raise ValueError(f"model.bin contains numbers of type {entry.kind}, which is not supported")
    file.seek(entry.offset)
    data = file.read(entry.num_bytes)
    if len(data) < entry.num_bytes:
        raise ValueError("model.bin is truncated")
    return np.frombuffer(data, _DTYPES[entry.kind]).reshape(entry.shape)


def as_tensor(name: str, weights: Weights) -> Tensor:
    """An array as float32; 8-bit weights are dequantised by their scales."""
    values = torch.from_numpy(weights[name].astype(np.float32))
    scale = weights.get(name + "_scale")
    if weights[name].dtype == np.int8 and scale is not None:
        values = values / torch.from_numpy(scale.astype(np.float32)).reshape(-1, *[1] * (values.ndim - 1))
    return values


def _number(file: BinaryIO, kind: str) -> int:
    size = struct.calcsize("<" + kind)
    data = file.read(size)
    if len(data) < size:
        raise ValueError("model.bin is truncated")
    return int(struct.unpack("<" + kind, data)[0])


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "H"))[:-1].decode("utf-8", "replace")
