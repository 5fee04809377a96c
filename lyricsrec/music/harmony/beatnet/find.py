"""Beats by a checkpoint of Beat This!: read as data alone, run in stretches of 30 s, peaks above even odds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lyricsrec.audio.audio import Samples
from lyricsrec.base.errors import ModelError
from lyricsrec.lyrics.music.harmony import Beats
from lyricsrec.music.harmony.beatnet.network import BeatNet, BeatNetSize
from lyricsrec.music.harmony.beats import regular_beats
from lyricsrec.music.harmony.spectra import RATE

_WINDOW, _HOP = 1024, 441
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 11_000.0
_FRAMES, _BORDER = 1500, 6
"""Frames that the network gets at once, and how many at each end of them do not count."""
_NEAR = 3
"""A beat is the greatest within 3 frames of 20 ms on each side."""
_UNKNOWN = "Give a checkpoint of Beat This! (final0.ckpt, small0.ckpt ...): https://github.com/CPJKU/beat_this"


def load_beat_model(path: Path) -> Callable[[Samples], Beats | None]:
    """What finds beats of a mono signal at the rate of `spectra` with a checkpoint.

    Raises ModelError for a file that is missing or another.
    """
    return functools.partial(_find, net=_load(path))


def _load(path: Path) -> BeatNet:
    if not path.is_file():
        raise ModelError(f"{path}: there is no such file", _UNKNOWN)
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # Files of other kinds fail in many ways.
        raise ModelError(f"{path}: not a checkpoint of Beat This! (not a file of weights)", _UNKNOWN) from error
    try:
        said: dict[str, Any] = checkpoint["hyper_parameters"]
        net = BeatNet(
            BeatNetSize(**{field.name: said[field.name] for field in fields(BeatNetSize) if field.name in said})
        )
        weights = {_plain(name): value for name, value in checkpoint["state_dict"].items()}
        net.load_state_dict(weights)
    except Exception as error:
        # Files of other models fail in many ways.
        raise ModelError(f"{path}: not a checkpoint of Beat This! ({_first_line(error)})", _UNKNOWN) from error
    return net.eval().requires_grad_(False)


def _plain(name: str) -> str:
    """The name of a weight, without what Lightning and the compiler put before it."""
    return name.replace("_orig_mod.", "").removeprefix("model.")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _find(signal: Samples, *, net: BeatNet) -> Beats | None:
    if len(signal) <= _WINDOW:
        return None
    with torch.inference_mode():
        odds = log_odds(net, log_mel(torch.from_numpy(signal)))
        highest = functional.max_pool1d(odds[None], 2 * _NEAR + 1, 1, _NEAR)[0]
        frames = torch.nonzero((odds == highest) & (odds > 0))[:, 0].numpy()
    # Equal neighbours are one beat, between them.
    groups = np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1) if len(frames) else []
    return regular_beats(np.array([group.mean() for group in groups]), RATE / _HOP)


def log_odds(net: BeatNet, spectra: Tensor) -> Tensor:
    """Log-odds (frames) that there is a beat, from spectra (frames, bands) of any length."""
    step = _FRAMES - 2 * _BORDER
    starts = list(range(0, len(spectra), step))
    if len(spectra) > step:
        starts[-1] = len(spectra) - step
    padded = functional.pad(spectra, (0, 0, _BORDER, _BORDER))
    odds = torch.full((len(spectra),), -1000.0)
    # Where stretches overlap, the earlier one counts.
    for start in reversed(starts):
        found = net(padded[None, start : start + _FRAMES])[0, _BORDER:-_BORDER]
        odds[start : start + len(found)] = found
    return odds


def log_mel(signal: Tensor) -> Tensor:
    """Log-mel spectra (frames, 128) of a mono signal, 50 a second."""
    window = torch.hann_window(_WINDOW)
    spectrum = torch.stft(signal, _WINDOW, _HOP, window=window, normalized=True, return_complex=True).abs()
    return torch.log1p(1000 * (_filters() @ spectrum)).T


@functools.cache
def _filters() -> Tensor:
    from transformers.audio_utils import mel_filter_bank

    found = mel_filter_bank(_WINDOW // 2 + 1, 128, _LOWEST_HZ, _HIGHEST_HZ, RATE, norm=None, mel_scale="slaney")
    return torch.from_numpy(found.T.astype(np.float32))
