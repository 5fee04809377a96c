"""Sound that was encoded and decoded has its times and its length."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.effects.codec import CODECS, through_codec
from lyricsrec.training.settings import AugmentConfig

OFF = {f"{name}_chance": 0.0 for name in ("gain", "noise", "speed", "pitch", "backing", "rooms")}


def soft_noise(channels: int, length: int) -> Tensor:
    noise = torch.randn(channels, length, generator=torch.Generator().manual_seed(0))
    return 0.3 * torch.nn.functional.avg_pool1d(noise, 9, stride=1, padding=4)


def lag(one: Tensor, two: Tensor) -> int:
    """By how many samples the first is later than the second."""
    size = 2 * one.shape[1]
    product = torch.fft.rfft(one[0], size) * torch.fft.rfft(two[0], size).conj()
    found = int(torch.fft.irfft(product, size).argmax())
    return found if found < one.shape[1] else found - size


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.parametrize(
    ("channels", "rate", "length"), [(1, 16_000, 16_000), (2, 44_100, 44_137), (2, 44_100, 30_000)]
)
def test_times_and_length_stay(name: str, channels: int, rate: int, length: int) -> None:
    audio = soft_noise(channels, length)
    for kbit_s, least in ((64.0, 0.85), (160.0, 0.95)):
        heard = through_codec(audio, rate, CODECS[name], kbit_s)
        assert heard.shape == audio.shape
        assert heard.dtype == torch.float32
        assert lag(heard, audio) == 0
        likeness = float((heard * audio).sum() / heard.norm() / audio.norm())
        assert least < likeness < 1


@pytest.mark.parametrize("name", CODECS)
def test_very_short_sound(name: str) -> None:
    for length in (1, 100, 1151):
        assert through_codec(torch.zeros(1, length), 16_000, CODECS[name], 64.0).shape == (1, length)


def test_augmentation_draws_a_codec() -> None:
    audio = soft_noise(1, 8000)
    augment = Augmentation(AugmentConfig(**OFF, codec_chance=1.0))  # type: ignore[arg-type]
    made = [augment(audio, 16_000, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(made[0], made[1])
    assert not torch.equal(made[0], made[2])
    assert not torch.equal(made[0], audio)
    assert torch.equal(Augmentation(AugmentConfig(**OFF))(audio, 16_000, torch.Generator()), audio)  # type: ignore[arg-type]
