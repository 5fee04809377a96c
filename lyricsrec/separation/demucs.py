"""Demucs separators (Défossez 2021; Rouard et al. 2023), on songs of any length in bounded memory."""

from __future__ import annotations

import contextlib
import copy
import importlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
import yaml
from pydantic import ValidationError
from torch import Tensor, nn

from lyricsrec.audio.audio import Audio
from lyricsrec.audio.overlap_add import OverlapAdd
from lyricsrec.base.device import Compute
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress, Report, ignore
from lyricsrec.base.reading.input_files import read_text
from lyricsrec.base.settings import Positive, Settings, adapter, problems_of
from lyricsrec.models.catalogue import ModelInfo
from lyricsrec.models.reading import check_files, reading_model
from lyricsrec.separation.base import Stems, stems_of, valid_mix
from lyricsrec.separation.settings import SEPARATOR_BAG, SeparateConfig
from lyricsrec.separation.vocal_net import VocalNet, standardize

_ALLOWED_CLASSES = ("demucs.htdemucs.HTDemucs", "demucs.hdemucs.HDemucs", "demucs.demucs.Demucs")
_SIGNATURE = re.compile(r"\w[\w.-]{0,127}")
_HTDEMUCS = {
    "sources": ["drums", "bass", "other", "vocals"],
    "bottom_channels": 512,
    "segment": 7.8,
    "samplerate": 44_100,
    "dconv_mode": 3,
}
_WINDOWS_AT_ONCE = {"cpu": 1, "mps": 1, "cuda": 8}


@dataclass(frozen=True)
class _Bag(Settings):
    """What a bag of models states: their names, a row of weights by source for each, and the window in seconds."""

    __pydantic_config__: ClassVar[dict[str, str | bool]] = {**Settings.__pydantic_config__, "extra": "ignore"}

    models: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...] | None = None
    segment: Positive | None = None


class DemucsSeparator:
    """Runs a `VocalNet` over a block, window by window, cross-fading where windows overlap."""

    def __init__(self, name: str, net: VocalNet, config: SeparateConfig, compute: Compute) -> None:
        self.name = name
        self.net = VocalNet([_vocals_only(model) for model in net.models], net.weights).eval().to(compute.device)
        self._config = config
        self._compute = compute

    @torch.inference_mode()
    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        """Vocals and instrumental of a stereo mix. Raises ValueError for other channels and rates."""
        mix = valid_mix(mix, self.name, self.net.sample_rate)
        standard, mean, std = standardize(torch.from_numpy(mix.samples)[None])
        total = torch.zeros_like(standard)
        with _fused_attention():
            for offset in self._offsets():
                shifted = nn.functional.pad(standard, (offset, 0))
                total += self._windowed(shifted, mix.start_s, report)[..., offset:]
        vocals = total / max(self._config.shifts, 1) * std + mean
        return stems_of(vocals[0].numpy(), mix)

    def _offsets(self) -> Iterator[int]:
        if self._config.shifts == 0:
            yield 0
        generator = random.Random(self._config.seed)
        for _ in range(self._config.shifts):
            yield generator.randint(0, self.net.sample_rate // 2)

    def _windowed(self, mix: Tensor, start_s: float, report: Report) -> Tensor:
        windows = OverlapAdd(mix.shape[-1], self.net.window_samples, self._config.overlap)
        num_at_once = _WINDOWS_AT_ONCE[self._compute.device]

        def separated() -> Iterator[Tensor]:
            pieces = windows.split(mix)
            for first in range(0, len(pieces), num_at_once):
                yield from self._separate_windows(pieces[first : first + num_at_once])
                last = windows.parts[min(first + num_at_once, len(pieces)) - 1]
                report(start_s + last.stop / self.net.sample_rate)

        return windows.join(separated())

    def _separate_windows(self, mixes: Sequence[Tensor]) -> Iterator[Tensor]:
        dtype = self._compute.convolution_format
        with torch.autocast(self._compute.device, getattr(torch, dtype), enabled=dtype != "float32"):
            voices = self.net.separate_standard([mix.to(self._compute.device) for mix in mixes])
        return (voice.float().cpu() for voice in voices)


@contextlib.contextmanager
def _fused_attention() -> Iterator[None]:
    """Inside, attention does not store its matrix, as PyTorch's "fast path" for float32 on a CPU does."""
    was_enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_enabled)


def _vocals_only(model: nn.Module) -> nn.Module:
    """A copy of a hybrid model that outputs only its vocals; other models are returned as they are."""
    if not getattr(model, "cac", False) or len(model.sources) == 1:  # type: ignore[arg-type]
        return model
    copied: Any = copy.deepcopy(model)
    for layer in (copied.decoder[-1].conv_tr, copied.tdecoder[-1].conv_tr):
        width = layer.out_channels // len(copied.sources)
        first = copied.sources.index("vocals") * width
        layer.weight = nn.Parameter(layer.weight[:, first : first + width].detach().clone())
        layer.bias = nn.Parameter(layer.bias[first : first + width].detach().clone())
        layer.out_channels = width
    copied.sources = ["vocals"]
    return copied  # type: ignore[no-any-return]


def read_model(model: ModelInfo, *, offline: bool = False, progress: Progress = SILENT) -> VocalNet:
    """A Demucs model: a known one from the hub's safetensors, or one that was trained, from its folder.

    Pickled weights are never read. Raises ModelError when the weights are not available or damaged.
    """
    folder = model.source.resolve(offline=offline, progress=progress)
    check_files(folder)
    if model.source.downloads:
        hint = f"Delete the folder {folder} and run `lyricsrec models pull {model.name}`."
        return _read_bag(folder / f"{model.name}.yaml", hint)
    return _read_bag(folder / SEPARATOR_BAG, "Name another checkpoint.")


def random_model(shape: Mapping[str, Any]) -> VocalNet:
    """A Demucs model of random weights: an htdemucs, or one of another `class` and arguments.

    Raises UsageError for other shapes.
    """
    known = {name.rsplit(".", 1)[1]: name.rsplit(".", 1)[0] for name in _ALLOWED_CLASSES}
    try:
        arguments: dict[str, Any] = dict(shape or _HTDEMUCS)
        arguments.pop("family", None)
        name = arguments.pop("class", "HTDemucs")
        model = getattr(importlib.import_module(known[name]), name)(**arguments)
        return VocalNet([model], [1.0])
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError, RuntimeError) as error:
        raise UsageError(
            f"not the shapes of a Demucs model ({error})", f"A class ({', '.join(known)}) and its arguments."
        ) from None


def _read_bag(path: Path, hint: str) -> VocalNet:
    with reading_model(f"the separator '{path.stem}' in {path.parent} is damaged or incomplete", hint):
        bag = _bag_of(path)
        models = [_load_checked(_file_of(path, signature)) for signature in bag.models]
        index = list(models[0].sources).index("vocals")  # type: ignore[arg-type]
        if bag.weights and {len(row) for row in bag.weights} != {len(list(models[0].sources))}:  # type: ignore[arg-type]
            raise ValueError(f"a row of weights in {path.name} needs a number for each source")
        weights = [row[index] for row in bag.weights] if bag.weights else [1.0] * len(models)
        _limit_window(models, bag.segment)
        return VocalNet(models, weights)


def _bag_of(path: Path) -> _Bag:
    """What a bag says. Raises ValueError for anything else."""
    document = yaml.safe_load(read_text(path))
    if not isinstance(document, dict):
        raise ValueError(f"{path.name} has no models: [...]")
    try:
        bag: _Bag = adapter(_Bag).validate_python(document)
    except ValidationError as error:
        raise ValueError(f"{path.name}: {problems_of(error)}") from None
    if not bag.models:
        raise ValueError(f"{path.name} names no models")
    if bag.weights and len(bag.weights) != len(bag.models):
        raise ValueError(f"{path.name} has weights for {len(bag.weights)} of {len(bag.models)} models")
    return bag


def _file_of(bag: Path, signature: Any) -> Path:
    """The weights beside a bag. Raises ValueError for a name that leads elsewhere."""
    if not isinstance(signature, str) or _SIGNATURE.fullmatch(signature) is None:
        raise ValueError(f"{str(signature)[:40]!r} cannot be the name of a model")
    return bag.with_name(f"{signature}.safetensors")


def _load_checked(path: Path) -> nn.Module:
    """A model from safetensors. Raises ValueError unless its metadata names one of the allowed Demucs classes."""
    from demucs.hf import load_safetensors_model
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="np") as file:
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(f"{path.name}: {error}") from None
    if metadata.get("klass") not in _ALLOWED_CLASSES or "structure" in metadata:
        raise ValueError(
            f"{path.name} contains a '{metadata.get('klass')}', which is not on the list of Demucs classes"
        )
    for field in ("args", "kwargs"):
        json.loads(metadata[field])
    model: nn.Module = load_safetensors_model(path)
    return model


def _limit_window(models: list[nn.Module], segment: float | None) -> None:
    """Set the bag's window length in seconds, where an HTDemucs does not forbid a longer one."""
    for model in models:
        if segment is not None and (type(model).__name__ != "HTDemucs" or segment <= model.segment):  # type: ignore[operator]
            model.segment = segment  # type: ignore[assignment]
