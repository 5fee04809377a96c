"""A CTC model as one ONNX file, compared with torch by running it."""

from __future__ import annotations

import importlib.util
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lyricsrec.base.errors import ModelError
from lyricsrec.recognition.acoustic import RECOGNIZER_RATE, CtcNet
from lyricsrec.training.export.files import ONNX, README, copy_files
from lyricsrec.training.export.source import Source

OPSET = 17
CARD = "onnx.json"
_INPUT, _OUTPUT = "waveform", "log_probs"
_AXES = {_INPUT: {0: "batch", 1: "samples"}, _OUTPUT: {0: "batch", 1: "frames"}}
"""Lengths that are left open."""

_CANNOT = {"wav2vec2-bert": "it computes its features in Python"}
_TRACED_S = 2.0
_CHECKED_S = (0.4, 1.0, 3.00769, 7.3)
"""Lengths at which the file is compared, others than the traced one."""

_NOT_NEEDED = (README, "*.safetensors", "*.safetensors.index.json", "config.json", "*.yaml", "spleeter.json")


@dataclass(frozen=True)
class Difference:
    """The greatest difference of log-probabilities, and of how many frames the most probable symbol is the same."""

    greatest: float
    num_same: int
    num_frames: int

    def __str__(self) -> str:
        same = f"the best symbol is the same in {self.num_same:,} of {self.num_frames:,} frames"
        return f"log-probabilities differ by at most {self.greatest:.2g} from torch's; {same}"


def check_onnx(model_type: str, name: str) -> None:
    """Raise ModelError when a family cannot be exported, or a package is missing; before any work."""
    if model_type in _CANNOT:
        raise ModelError(
            f"{name}: models of the family '{model_type}' cannot be exported to ONNX ({_CANNOT[model_type]})",
            "Use --format float16, which halves every model.",
        )
    for package in ("onnx", "onnxruntime"):
        if importlib.util.find_spec(package) is None:
            raise ModelError(f"ONNX needs the package {package}", "pip install 'lyricsrec[export]'")


def write_onnx(source: Source, folder: Path) -> str:
    """Fill a folder with the recogniser as an ONNX file, its tokenizer and a description; returns what was measured.

    Raises ModelError when it cannot be exported, or when the file computes something else than torch.
    """
    model: Any = source.files.model
    check_onnx(model.config.model_type, source.local.name)
    net = source.files.net().eval()
    _trace(net, folder / ONNX, source.local.name)
    found = difference(net, folder / ONNX)
    if not found.greatest <= source.tolerance:
        raise ModelError(
            f"{source.local.name}: the ONNX file differs from the model: {found}",
            f"Nothing was written. More than {source.tolerance:g} is allowed with --tolerance.",
        )
    copy_files(source.local.folder, folder, without=_NOT_NEEDED)
    (folder / CARD).write_text(json.dumps(_description(source, net), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return f"{ONNX}, {sum(p.stat().st_size for p in folder.glob('*')) / 1e6:.1f} MB; {found}"


def difference(net: CtcNet, path: Path) -> Difference:
    """How far the log-probabilities of an ONNX file are from a model's, on noise and tones of several lengths.

    A file that gives another number of frames differs by infinity.
    """
    run = _runner(path)
    greatest, num_same, num_frames = 0.0, 0, 0
    for waveform in _probes():
        with torch.inference_mode():
            expected = net(waveform).numpy()
        found = run(waveform.numpy())
        if found.shape != expected.shape:
            return Difference(float("inf"), 0, num_frames + expected.shape[1])
        # Not `max`, which would pass over NaN.
        greatest = float(np.maximum(greatest, np.abs(found - expected).max()))
        num_same += int((found.argmax(-1) == expected.argmax(-1)).sum())
        num_frames += expected.shape[0] * expected.shape[1]
    return Difference(greatest, num_same, num_frames)


def _runner(path: Path) -> Callable[[Any], Any]:
    """What computes log-probabilities with an ONNX file; raises ModelError where it cannot."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4

    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(waveform: Any) -> Any:
        try:
            return session.run([_OUTPUT], {_INPUT: waveform})[0]
        except Exception as error:
            # onnxruntime's errors have no common class.
            raise ModelError(f"onnxruntime cannot run the ONNX file ({str(error)[:200]})") from None

    return run


def _probes() -> Iterator[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    for seconds in _CHECKED_S:
        yield _probe(1, seconds, generator)
    yield _probe(2, _CHECKED_S[1], generator)


def _probe(batch: int, seconds: float, generator: torch.Generator) -> torch.Tensor:
    """Noise and a gliding tone with overtones (batch, samples)."""
    times = torch.arange(round(seconds * RECOGNIZER_RATE)) / RECOGNIZER_RATE
    phase = 2 * torch.pi * (180 * times + 40 * times.square())
    tone = sum(torch.sin(k * phase) / k for k in range(1, 6))
    return 0.05 * torch.randn(batch, len(times), generator=generator) + 0.1 * tone


def _trace(net: CtcNet, path: Path, name: str) -> None:
    """Write the ONNX file of a model. Raises ModelError when its family cannot be exported."""
    import onnx

    example = _probe(1, _TRACED_S, torch.Generator().manual_seed(1))
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                net,
                (example,),
                str(path),
                # The other exporter needs the package onnxscript, and fixes lengths that this one leaves open.
                dynamo=False,
                opset_version=OPSET,
                input_names=[_INPUT],
                output_names=[_OUTPUT],
                dynamic_axes=_AXES,
            )
        onnx.checker.check_model(str(path))
    except (RuntimeError, ValueError, TypeError, onnx.checker.ValidationError) as error:
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise ModelError(
            f"{name}: this model cannot be exported to ONNX ({reason[:160]})",
            "Use --format float16, which halves every model.",
        ) from None


def _description(source: Source, net: CtcNet) -> dict[str, Any]:
    vocabulary = source.files.vocabulary
    positions = getattr(source.files.model.config, "max_source_positions", None)
    return {
        "schema": 1,
        "input": {"name": _INPUT, "shape": ["batch", "samples"], "sample_rate": RECOGNIZER_RATE},
        "output": {"name": _OUTPUT, "shape": ["batch", "frames", "labels"], "frame_s": net.frames.frame_s},
        "opset": OPSET,
        "longest_s": positions * net.frames.frame_s if positions else None,
        "labels": list(vocabulary.labels),
        "blank": vocabulary.blank,
        "space": vocabulary.space,
        "unknown": vocabulary.unknown,
        "special": list(vocabulary.special),
    }
