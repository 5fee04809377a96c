"""What every separator does with unusual mixes."""

import numpy as np
import pytest
from helpers.tiny_models import tiny_htdemucs, tiny_spleeter

from lyricsrec.audio.audio import Audio
from lyricsrec.base.device import Compute
from lyricsrec.separation.base import Separator
from lyricsrec.separation.center import CenterSeparator
from lyricsrec.separation.demucs import DemucsSeparator
from lyricsrec.separation.settings import SeparateConfig
from lyricsrec.separation.spleeter import SpleeterSeparator
from lyricsrec.separation.vocal_net import VocalNet

RATE = 44_100
CPU = Compute("cpu", "float32")
SEPARATORS: dict[str, Separator] = {
    "center": CenterSeparator(),
    "spleeter": SpleeterSeparator(tiny_spleeter(), CPU),
    "demucs": DemucsSeparator("demucs", VocalNet([tiny_htdemucs()], [1.0]), SeparateConfig(), CPU),
}


@pytest.fixture(params=list(SEPARATORS))
def separator(request: pytest.FixtureRequest) -> Separator:
    return SEPARATORS[request.param]


def noise(num_samples: int, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(0).normal(0, level, (2, num_samples)).astype(np.float32)


@pytest.mark.parametrize("num_samples", [0, 1, 441, 3 * RATE])
@pytest.mark.parametrize("level", [0.0, 1e-7, 0.1, 10.0])
def test_stems_are_finite_and_add_up(separator: Separator, num_samples: int, level: float) -> None:
    mix = Audio(noise(num_samples, level), RATE, 3.5)
    stems = separator.separate(mix)
    for part in (stems.vocals, stems.instrumental):
        assert part.samples.shape == mix.samples.shape
        assert part.samples.dtype == np.float32
        assert (part.sample_rate, part.start_s) == (RATE, 3.5)
        assert np.isfinite(part.samples).all()
    assert np.abs(stems.vocals.samples + stems.instrumental.samples - mix.samples).max(initial=0) <= 1e-5 * max(
        level, 1
    )


def test_silence_stays_silent(separator: Separator) -> None:
    stems = separator.separate(Audio(np.zeros((2, RATE), np.float32), RATE))
    assert np.abs(stems.vocals.samples).max() < 1e-6
    assert np.abs(stems.instrumental.samples).max() < 1e-6


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_silence(separator: Separator, bad: float) -> None:
    samples = noise(RATE)
    samples[1, 5_000:5_100] = 0
    expected = separator.separate(Audio(samples.copy(), RATE)).vocals.samples
    samples[1, 5_000:5_100] = bad
    kept = samples.copy()
    assert np.array_equal(separator.separate(Audio(samples, RATE)).vocals.samples, expected)
    assert np.array_equal(samples, kept, equal_nan=True)


@pytest.mark.parametrize("num_channels", [1, 6])
def test_other_than_stereo_is_refused(separator: Separator, num_channels: int) -> None:
    with pytest.raises(ValueError, match=rf"{separator.name} needs stereo .* shape \({num_channels}, 100\)"):
        separator.separate(Audio(np.zeros((num_channels, 100), np.float32), RATE))


@pytest.mark.parametrize("name", ["spleeter", "demucs"])
def test_another_rate_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} needs audio at 44100 Hz, not 8000 Hz"):
        SEPARATORS[name].separate(Audio(np.zeros((2, 8000), np.float32), 8000))


def test_center_takes_any_rate() -> None:
    assert CenterSeparator().separate(Audio(noise(8000), 8000)).vocals.sample_rate == 8000
