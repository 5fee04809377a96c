"""Constant-Q spectra of sines, whose magnitudes are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.music.harmony.chords.cqt import BINS, constant_q
from lyricsrec.music.harmony.spectra import RATE


def sine(pitch: float, duration_s: float = 3.0) -> np.ndarray:
    seconds = np.arange(round(duration_s * RATE)) / RATE
    return np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * seconds).astype(np.float32)


@pytest.mark.parametrize("pitch", [36, 57, 69, 84])
def test_a_sine_has_half_the_root_of_the_length_of_its_filter(pitch: int) -> None:
    found = constant_q(sine(pitch))
    assert found.shape == (1 + 3 * RATE // 512, BINS)
    quality = (2 ** (1 / 18) + 1) / (2 ** (1 / 18) - 1)
    length = quality * RATE / (440 * 2 ** ((pitch - 69) / 12))
    middle = found[len(found) // 2]
    assert int(middle.argmax()) == (pitch - 24) * 3
    assert middle.max() == pytest.approx(np.sqrt(length) / 2, rel=0.01)


def test_short_filters_find_high_notes() -> None:
    assert int(constant_q(sine(103))[60].argmax()) == (103 - 24) * 3


def test_a_song_that_is_tuned_higher_is_the_same_with_its_tuning() -> None:
    np.testing.assert_allclose(constant_q(sine(60.4), 0.4)[60].max(), constant_q(sine(60))[60].max(), rtol=0.02)
    assert int(constant_q(sine(60.4), 0.4)[60].argmax()) == 108


def test_chunks_are_seamless(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32)
    whole = constant_q(noise)
    monkeypatch.setattr("lyricsrec.music.harmony.chords.cqt._CHUNK", 50)
    np.testing.assert_allclose(constant_q(noise), whole, atol=2e-3)


def test_silence_and_nothing() -> None:
    assert not constant_q(np.zeros(RATE, np.float32)).any()
    assert constant_q(np.zeros(0, np.float32)).shape == (1, BINS)
