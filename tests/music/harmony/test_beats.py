"""Tempo and beats of synthetic clicks."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.music.harmony.beats import beats_of, find_beats
from lyricsrec.music.harmony.spectra import RATE
from lyricsrec.music.harmony.tempo import onset_strength, tempo


def clicks(times_s: np.ndarray, duration_s: float, rate: int = RATE) -> Samples:
    signal = np.zeros(round(duration_s * rate), np.float32)
    seconds = np.arange(rate // 10) / rate
    click = np.exp(-70 * seconds) * np.sin(2 * np.pi * 800 * seconds)
    for time_s in times_s:
        first = round(time_s * rate)
        signal[first : first + len(click)] += click[: len(signal) - first]
    return signal


@pytest.mark.parametrize("bpm", [70.0, 90.0, 101.0, 128.0, 140.0])
def test_clicks_are_the_beats(bpm: float) -> None:
    truth = np.arange(0.5, 20, 60 / bpm)
    found = beats_of(clicks(truth, 20.0))
    assert found is not None
    assert found.bpm == pytest.approx(bpm, rel=0.002)
    assert len(found.times_s) == len(truth)
    np.testing.assert_allclose(found.times_s, truth, atol=0.012)


def test_a_beat_without_a_note_is_kept() -> None:
    truth = np.arange(0.5, 20, 0.5)
    found = beats_of(clicks(np.delete(truth, [7, 8, 19]), 20.0))
    assert found is not None
    assert len(found.times_s) == len(truth)
    np.testing.assert_allclose(found.times_s, truth, atol=0.03)


def test_beats_follow_a_tempo_that_drifts() -> None:
    truth = 0.5 + np.cumsum(np.linspace(0.52, 0.48, 40))
    found = beats_of(clicks(truth, 22.0))
    assert found is not None
    np.testing.assert_allclose(found.times_s, truth, atol=0.012)


def test_a_stretch_of_a_song_has_times_of_the_song() -> None:
    stereo = np.repeat(clicks(np.arange(0.5, 12, 0.5), 12.0, 44_100)[None], 2, axis=0)
    found = find_beats(Audio(stereo, 44_100, start_s=30.0))
    assert found is not None
    assert found.bpm == pytest.approx(120, rel=0.002)
    assert found.times_s[0] == pytest.approx(30.5, abs=0.012)


def test_nothing_repeats_in_silence_or_a_second() -> None:
    assert beats_of(np.zeros(10 * RATE, np.float32)) is None
    assert beats_of(np.zeros(0, np.float32)) is None
    assert beats_of(clicks(np.array([0.5]), 1.0)) is None
    envelope, frames_per_s = onset_strength(np.zeros(10 * RATE, np.float32))
    assert tempo(envelope, frames_per_s) is None
