from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from helpers.sounds import chord, write_song
from torch import Tensor

from lyricsrec.base.errors import DataError
from lyricsrec.training.data.augment import Augmentation, at_ratio
from lyricsrec.training.settings import AugmentConfig

RATE = 16_000
NOTHING = AugmentConfig(gain_chance=0, noise_chance=0, speed_chance=0, pitch_chance=0, backing_chance=0)
SOUND = torch.from_numpy(chord(2.0, RATE, 1).T.copy())


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def level_db(audio: Tensor) -> float:
    return float(10 * audio.double().square().mean().log10())


def alter(config: AugmentConfig, audio: Tensor = SOUND, seed: int = 0, min_samples: int = 0) -> Tensor:
    return Augmentation(config)(audio, RATE, generator(seed), min_samples)


def frequency(audio: Tensor) -> float:
    """Where the spectrum of the first channel has its peak, in Hz."""
    spectrum = np.abs(np.fft.rfft(audio[0].numpy() * np.hanning(audio.shape[1])))
    return float(spectrum.argmax() * RATE / audio.shape[1])


def tone(hz: float, seconds: float = 2.0) -> Tensor:
    return 0.1 * torch.sin(2 * torch.pi * hz * torch.arange(round(seconds * RATE)) / RATE)[None]


def test_probability_zero_changes_nothing() -> None:
    assert alter(NOTHING) is SOUND


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", ["gain", "noise", "speed", "pitch", "backing"])
def test_the_same_generator_gives_the_same_bytes_and_as_many_channels(tmp_path: Path, name: str, channels: int) -> None:
    write_song(tmp_path / "band.flac", chord(5.0)[:, ::-1] * 0.5)
    config = replace(NOTHING, backing=tmp_path, **{f"{name}_chance": 1.0})
    sound = SOUND.expand(channels, -1)
    once, again, other = (alter(config, sound, seed) for seed in (1, 1, 3))
    assert once.shape[0] == channels
    assert torch.equal(once, again)
    assert once.shape != other.shape or not torch.equal(once, other)
    assert name == "speed" or once.shape == sound.shape
    assert once.dtype == torch.float32


def test_noise_and_gain_have_the_levels_that_were_asked_for() -> None:
    noisy = alter(replace(NOTHING, noise_chance=1.0, noise_db=(12.5, 12.5)))
    assert level_db(SOUND) - level_db(noisy - SOUND) == pytest.approx(12.5, abs=1e-3)
    gains = [level_db(alter(replace(NOTHING, gain_chance=1.0), seed=i)) - level_db(SOUND) for i in range(100)]
    assert -6 <= min(gains) < -5
    assert 5 < max(gains) <= 6


def test_speed_moves_length_and_pitch_in_whole_percents() -> None:
    lengths = {alter(replace(NOTHING, speed_chance=1.0), seed=i).shape[1] for i in range(100)}
    assert lengths <= {int(np.ceil(32_000 * 100 / percent)) for percent in range(90, 111)}
    assert len(lengths) > 15
    for seed in range(5):
        played = alter(replace(NOTHING, speed_chance=1.0), tone(440), seed)
        assert frequency(played) == pytest.approx(440 * 32_000 / played.shape[1], abs=1)


def test_speed_leaves_the_samples_that_labels_need() -> None:
    lengths = [alter(replace(NOTHING, speed_chance=1.0), seed=i, min_samples=31_500).shape[1] for i in range(50)]
    assert 31_500 <= min(lengths) < 32_000 < max(lengths)
    # A chunk that is too short already stays as it is, or gets longer.
    assert (
        min(alter(replace(NOTHING, speed_chance=1.0), seed=i, min_samples=33_000).shape[1] for i in range(9)) >= 33_000
    )


@pytest.mark.parametrize(("semitones", "percent"), [(-4.0, 79), (-1.0, 94), (1.0, 106), (7.0, 150)])
def test_pitch_moves_by_what_was_drawn_and_keeps_length_and_level(
    monkeypatch: pytest.MonkeyPatch, semitones: float, percent: int
) -> None:
    monkeypatch.setattr(
        "lyricsrec.training.data.augment._between", lambda low, high, generator: semitones if low else 0.0
    )
    shifted = alter(replace(NOTHING, pitch_chance=1.0), tone(440))
    assert shifted.shape == (1, 32_000)
    assert frequency(shifted) == pytest.approx(4.4 * percent, abs=1)
    assert level_db(shifted[:, 2000:-2000]) == pytest.approx(level_db(tone(440)), abs=0.5)


def test_backing_is_mixed_in_at_its_level_from_a_random_place(tmp_path: Path) -> None:
    ramp = np.linspace(0.1, 0.9, 30 * RATE, dtype=np.float32)
    (tmp_path / "deep").mkdir()
    soundfile.write(tmp_path / "deep" / "ramp.wav", ramp, RATE)
    config = replace(NOTHING, backing_chance=1.0, backing=tmp_path, backing_db=(3.0, 3.0))
    added = [alter(config, seed=i) - SOUND for i in range(8)]
    for sound in added:
        assert level_db(SOUND) - level_db(sound) == pytest.approx(3, abs=1e-3)
    assert len({round(float(sound[0, -1] / sound[0, 0]), 3) for sound in added}) > 5


def test_short_backing_is_repeated_and_what_is_silent_or_no_sound_is_skipped(tmp_path: Path) -> None:
    config = replace(NOTHING, backing_chance=1.0, backing=tmp_path, backing_db=(0.0, 0.0))
    soundfile.write(tmp_path / "a.wav", chord(0.5, 44_100, 1), 44_100)
    added = alter(config) - SOUND
    assert torch.allclose(added[:, :8000], added[:, 24_000:], atol=1e-6)
    soundfile.write(tmp_path / "a.wav", np.zeros(99_999), 44_100)
    assert torch.equal(alter(config), SOUND)
    soundfile.write(tmp_path / "a.wav", np.zeros(0), 44_100)
    assert torch.equal(alter(config), SOUND)
    (tmp_path / "a.wav").write_bytes(b"RIFF or not")
    assert torch.equal(alter(config), SOUND)


def test_a_backing_folder_without_audio_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no audio files") as caught:
        Augmentation(replace(NOTHING, backing_chance=0.1, backing=tmp_path))
    assert "augment.backing" in str(caught.value.hint)


def test_silence_stays_silent() -> None:
    config = replace(NOTHING, noise_chance=1.0, gain_chance=1.0)
    assert not alter(config, torch.zeros(1, 100)).any()
    assert torch.equal(at_ratio(torch.ones(1, 9), torch.zeros(1, 9), 3.0), torch.ones(1, 9))
