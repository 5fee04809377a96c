"""Weights as safetensors of one number format, in the form that every command loads."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from lyricsrec.base.errors import ModelError
from lyricsrec.base.output import display_name
from lyricsrec.models.reading import read_object
from lyricsrec.models.resolve import LocalModel
from lyricsrec.recognition.ctc import quiet_transformers, read_ctc
from lyricsrec.training.export.files import README, copy_files
from lyricsrec.training.export.source import Source

_CONFIG = "config.json"
_WEIGHTS = ("*.safetensors", "*.safetensors.index.json")


def write_float32(source: Source, folder: Path) -> str:
    """Fill a folder with the model in float32; returns what was done. Raises as `write_float16` does."""
    return _write(source, folder, torch.float32)


def write_float16(source: Source, folder: Path) -> str:
    """Fill a folder with the model in float16, half as large; it is computed in float32 again once it is loaded.

    Raises ModelError for weights that are too large for float16, OSError when the folder cannot be written.
    """
    return _write(source, folder, torch.float16)


def _write(source: Source, folder: Path, dtype: torch.dtype) -> str:
    config = read_object(source.local.folder / _CONFIG)
    needs_encoder = bool(config.get("encoder_from"))
    # Weights without their encoder are written whole, so that the model needs no other.
    copy_files(source.local.folder, folder, without=(README, *(_WEIGHTS if needs_encoder else ())))
    if needs_encoder:
        source.files.model.config.encoder_from = None
        with quiet_transformers():
            source.files.model.save_pretrained(folder)
        config = read_object(folder / _CONFIG)
    name = str(dtype).removeprefix("torch.")
    (folder / _CONFIG).write_text(json.dumps({**config, "dtype": name}, indent=2) + "\n", "utf-8")
    for path in sorted(folder.rglob("*.safetensors")):
        _cast(path, dtype)
    read_ctc(LocalModel(source.local.name, source.local.family, folder))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"weights in {name}, {size / 1e6:.1f} MB; loaded again"


def _cast(path: Path, dtype: torch.dtype) -> None:
    """Rewrite a file with its numbers with fractions in another format."""
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ModelError(f"{display_name(path)}: damaged ({error})") from None
    for name, tensor in tensors.items():
        if tensor.is_floating_point():
            tensors[name] = tensor.to(dtype)
            if bool((torch.isinf(tensors[name]) & ~torch.isinf(tensor)).any()):
                raise ModelError(
                    f"{path.name}: '{name}' has values up to {tensor.abs().max():.3g}, too large for float16",
                    "Export it with --format float32.",
                )
    try:
        save_file(tensors, path, metadata)
    except SafetensorError as error:
        raise OSError(str(error)) from None
