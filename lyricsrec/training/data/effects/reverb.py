"""The sound of a chunk in a room, by the impulse response of that room."""

from __future__ import annotations

from pathlib import Path

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from lyricsrec.audio.media import SAMPLE_RATE, open_path
from lyricsrec.audio.resample import resample

LONGEST_S = 10.0
"""What follows in the file of an impulse response is not used."""


def in_room(audio: Tensor, response: Tensor) -> Tensor:
    """Audio (channels, samples), each channel convolved with an impulse response (samples,) of the same rate.

    The response is scaled to an energy of 1, and its direct path (the highest peak) is put at time 0: length and times
    stay. Audio is unchanged by a silent response.
    """
    energy = response.square().sum()
    if not energy > 0:
        return audio
    direct, length = int(response.abs().argmax()), audio.shape[1]
    # A length with a large prime factor takes many times as long.
    size = next_fast_len(length + len(response) - 1, real=True)
    spectrum = torch.fft.rfft(audio, size) * torch.fft.rfft(response / energy.sqrt(), size)
    sound: Tensor = torch.fft.irfft(spectrum, size)
    return sound[:, direct : direct + length].contiguous()


def read_response(path: Path, sample_rate: int) -> Tensor:
    """The first channel of an impulse response (samples,). Raises AudioError when the file cannot be read."""
    with open_path(path) as file:
        sound = torch.from_numpy(file.excerpt(0.0, min(file.duration_s, LONGEST_S)).samples)
    if not sound.shape[1]:
        return sound[0]
    return resample(sound[:1], SAMPLE_RATE, sample_rate)[0]
