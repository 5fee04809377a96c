"""The filter bank features of w2v-BERT (Chung et al. 2021), as SeamlessM4T's feature extractor computes them."""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers.audio_utils import mel_filter_bank

_RATE, _WINDOW, _HOP, _FFT = 16_000, 400, 160, 512
_FULL_SCALE = 2.0**15
_PREEMPHASIS = 0.97
_FLOOR = 2.0**-23
_LOWEST_HZ = 20.0


class FilterBank(nn.Module):
    """Log energies of `num_bands` bands (Kaldi), each with mean 0 and variance 1; `stride` frames make one.

    Differentiable. It has no parameters.
    """

    def __init__(self, num_bands: int, stride: int) -> None:
        super().__init__()
        self.num_bands, self.stride = num_bands, stride

    def forward(self, waveform: Tensor, num_samples: Tensor) -> Tensor:
        """Features (batch, frames, bands * stride) of waveforms (batch, samples) at 16 kHz, padded with zeros."""
        with torch.autocast(waveform.device.type, enabled=False):
            lengths = num_samples.tolist()
            rows = [self._features(row[:length].float()) for row, length in zip(waveform, lengths, strict=True)]
            return pad_sequence(rows, batch_first=True)

    def num_frames(self, num_samples: Tensor) -> Tensor:
        """The number of frames for waveforms of these numbers of samples."""
        windows = torch.div(num_samples - _WINDOW, _HOP, rounding_mode="floor") + 1
        return torch.div(windows.clamp(min=0), self.stride, rounding_mode="floor")

    def _features(self, waveform: Tensor) -> Tensor:
        energies = _log_energies(waveform * _FULL_SCALE, self.num_bands)
        variance, mean = torch.var_mean(energies, dim=0)
        features: Tensor = (energies - mean) / torch.sqrt(variance + 1e-7)
        whole = len(features) // self.stride * self.stride
        return features[:whole].reshape(-1, self.num_bands * self.stride)


def _log_energies(waveform: Tensor, num_bands: int) -> Tensor:
    """Log energies (frames, bands) of a waveform (samples,) in Kaldi's scale of 16 bits."""
    frames = waveform.unfold(-1, _WINDOW, _HOP)
    frames = frames - frames.mean(dim=-1, keepdim=True)
    before = torch.cat([frames[:, :1], frames[:, :-1]], dim=-1)
    window = torch.from_numpy(_window()).to(waveform.device)
    spectrum = torch.fft.rfft((frames - _PREEMPHASIS * before) * window, n=_FFT)
    filters = torch.from_numpy(_filters(num_bands)).to(waveform.device)
    energies: Tensor = (spectrum.abs().square() @ filters).clamp(min=_FLOOR)
    return energies.log()


@functools.cache
def _window() -> Any:
    """Povey's window; an array, because a cached tensor made in inference mode could not be trained with."""
    return (torch.hann_window(_WINDOW, periodic=False) ** 0.85).numpy()


@functools.cache
def _filters(num_bands: int) -> Any:
    return mel_filter_bank(
        _FFT // 2 + 1,
        num_bands,
        _LOWEST_HZ,
        _RATE / 2,
        _RATE,
        norm=None,
        mel_scale="kaldi",
        triangularize_in_mel_space=True,
    ).astype("float32")
