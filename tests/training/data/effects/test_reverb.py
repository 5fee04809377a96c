from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from lyricsrec.base.errors import DataError
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.effects.reverb import in_room
from lyricsrec.training.settings import AugmentConfig

RATE = 44_100
NOTHING = AugmentConfig(gain_chance=0, noise_chance=0, speed_chance=0, pitch_chance=0, backing_chance=0)
NOISE = 0.1 * torch.randn(2, RATE, generator=torch.Generator().manual_seed(0))


def response(**taps: float) -> torch.Tensor:
    """An impulse response of 1,000 samples; `s30=0.5` is a tap of 0.5 at sample 30."""
    samples = torch.zeros(1000)
    for name, value in taps.items():
        samples[int(name[1:])] = value
    return samples


def augmented(folder: Path, seed: int = 0) -> torch.Tensor:
    augment = Augmentation(replace(NOTHING, rooms=folder, rooms_chance=1.0))
    return augment(NOISE, RATE, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("taps", [{"s0": 1.0}, {"s0": 0.2}, {"s700": 0.5}])
def test_a_single_impulse_changes_nothing_wherever_it_is(taps: dict[str, float]) -> None:
    assert torch.allclose(in_room(NOISE, response(**taps)), NOISE, atol=1e-6)


def test_an_echo_follows_the_direct_path_and_energy_is_one() -> None:
    expected = 0.8 * NOISE
    expected[:, 300:] += 0.6 * NOISE[:, :-300]
    assert torch.allclose(in_room(NOISE, response(s100=4.0, s400=3.0)), expected, atol=1e-6)


def test_a_silent_response_changes_nothing() -> None:
    assert in_room(NOISE, response()) is NOISE


def test_rooms_are_read_from_a_folder(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "hall.wav", response(s100=0.8, s400=0.6).numpy(), RATE, subtype="FLOAT")
    expected = 0.8 * NOISE
    expected[:, 300:] += 0.6 * NOISE[:, :-300]
    assert torch.allclose(augmented(tmp_path), expected, atol=1e-5)
    assert torch.equal(augmented(tmp_path), augmented(tmp_path))


def test_a_file_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "hall.wav").write_bytes(b"not audio")
    assert torch.equal(augmented(tmp_path), NOISE)
    soundfile.write(tmp_path / "hall.wav", np.zeros(0), RATE)
    assert torch.equal(augmented(tmp_path), NOISE)


def test_a_folder_without_responses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no audio files") as caught:
        augmented(tmp_path)
    assert "augment.rooms" in str(caught.value.hint)
