from __future__ import annotations

import math
import sys

import pytest
import torch

from lyricsrec.audio.resample import _torchaudio, resample, sinc_resample

RATES = [(44_100, 16_000), (16_000, 44_100), (48_000, 44_100), (100, 106)]


@pytest.mark.parametrize(("old", "new"), RATES)
@pytest.mark.parametrize("shape", [(7,), (2, 5_003), (2, 2, 44_100)])
def test_every_bit_is_that_of_torchaudio(old: int, new: int, shape: tuple[int, ...]) -> None:
    theirs = _torchaudio()
    if theirs is None:
        pytest.skip("torchaudio is not installed, or does not fit this torch")
    samples = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    expected = theirs(samples, old, new)
    assert torch.equal(sinc_resample(samples, old, new), expected)
    assert torch.equal(resample(samples, old, new), expected)


def test_without_torchaudio_its_filter_is_computed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = torch.randn(300, generator=torch.Generator().manual_seed(0))
    expected = resample(samples, 3, 2)
    _torchaudio.cache_clear()
    monkeypatch.setitem(sys.modules, "torchaudio.functional", None)
    assert _torchaudio() is None
    assert torch.equal(resample(samples, 3, 2), expected)
    _torchaudio.cache_clear()


def test_numbers_of_torchaudio() -> None:
    samples = torch.tensor([0.0, 1.0, 0.0, 0.0, -1.0, 0.5])
    lower = torch.tensor([0.21708211, 0.66289943, -0.44913161, -0.22103897])
    higher = [
        0.01229290,
        0.85385126,
        0.73824006,
        0.01941733,
        0.07627466,
        -0.39985356,
        -0.98025817,
        -0.02505586,
        0.59722972,
    ]
    assert torch.allclose(resample(samples, 3, 2), lower, atol=1e-6)
    assert torch.allclose(resample(samples, 2, 3), torch.tensor(higher), atol=1e-6)


def test_a_tone_stays_a_tone() -> None:
    def tone(rate: int) -> torch.Tensor:
        return torch.sin(2 * math.pi * 440 * torch.arange(rate, dtype=torch.float64) / rate)

    middle = slice(1_000, -1_000)
    assert torch.allclose(resample(tone(44_100), 44_100, 16_000)[middle], tone(16_000)[middle], atol=2e-3)


def test_what_the_new_rate_cannot_hold_is_removed() -> None:
    high = torch.sin(2 * math.pi * 12_000 * torch.arange(44_100) / 44_100)
    assert resample(high, 44_100, 16_000)[100:-100].abs().max() < 0.01


def test_training_gets_a_gradient() -> None:
    samples = torch.randn(1, 441, requires_grad=True)
    resample(samples, 44_100, 16_000).square().sum().backward()
    assert samples.grad is not None
    assert samples.grad.abs().min() > 0


def test_equal_rates_change_nothing() -> None:
    samples = torch.randn(7, generator=torch.Generator().manual_seed(0))
    assert resample(samples, 8_000, 8_000) is samples
