"""The formats that models are exported in. One more is one function that fills a folder, and one row here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lyricsrec.training.export.onnx import write_onnx
from lyricsrec.training.export.source import Source
from lyricsrec.training.export.tensors import write_float16, write_float32

FORMATS: dict[str, Callable[[Source, Path], str]] = {
    "float16": write_float16,
    "float32": write_float32,
    "onnx": write_onnx,
}
"""What fills a folder with a model, and returns what was done or measured in words."""
