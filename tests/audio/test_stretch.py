"""Another key and tempo: the pitch moves by what was asked, the length and the places of sounds stay."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("python_stretch")

from lyricsrec.audio.stretch import stretch

RATE = 44_100
SECONDS = 4


def tones(*frequencies: float) -> np.ndarray:
    time_s = np.arange(SECONDS * RATE) / RATE
    wave = sum(0.15 * np.sin(2 * np.pi * frequency * time_s) for frequency in frequencies)
    return np.stack([wave, wave]).astype(np.float32)


def pitches(sound: np.ndarray, expected: list[float]) -> list[float]:
    """How far the frequencies near the expected ones are from them, in cents, by the centre of their energy."""
    middle = sound[0, RATE // 2 : -RATE // 2]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    frequencies = np.fft.rfftfreq(len(middle), 1 / RATE)
    found = []
    for frequency in expected:
        near = np.abs(frequencies / frequency - 1) < 0.02
        found.append(1200 * np.log2(np.average(frequencies[near], weights=power[near]) / frequency))
    return found


@pytest.mark.parametrize("semitones", [-6, -1, 2, 6])
@pytest.mark.parametrize("chord", [(440.0,), (220.0, 277.18, 329.63, 440.0)])
def test_the_pitch_moves_by_semitones_and_the_length_stays(chord: tuple[float, ...], semitones: int) -> None:
    sound = tones(*chord)
    changed = stretch(sound, RATE, semitones=semitones)
    assert changed.shape == sound.shape
    expected = [frequency * 2 ** (semitones / 12) for frequency in chord]
    assert np.abs(pitches(changed, expected)).max() < 10
    # Nothing is left at the old pitches.
    old = np.abs(np.fft.rfft(changed[0]))[[round(frequency * SECONDS) for frequency in chord]]
    new = np.abs(np.fft.rfft(changed[0])).max()
    assert old.max() < new / 10


@pytest.mark.parametrize("tempo", [50, 80, 150, 200])
def test_the_tempo_changes_the_length_and_not_the_pitch(tempo: int) -> None:
    changed = stretch(tones(440.0), RATE, tempo=tempo)
    assert changed.shape[1] == pytest.approx(SECONDS * RATE * 100 / tempo, abs=1)
    assert abs(pitches(changed, [440.0])[0]) < 3


@pytest.mark.parametrize(("semitones", "tempo"), [(-6, 100), (5, 100), (0, 75), (-3, 140)])
def test_sounds_stay_at_their_times(semitones: int, tempo: int) -> None:
    noise = np.random.default_rng(0).normal(size=(2, SECONDS * RATE)).astype(np.float32) * 0.1
    gate = (np.arange(SECONDS * RATE) // RATE) % 2 == 1
    changed = stretch(noise * gate, RATE, semitones=semitones, tempo=tempo)
    loud = np.abs(changed).mean(axis=0)
    steps = np.convolve(loud, np.ones(441) / 441, "same") > 0.04
    edges = np.flatnonzero(np.diff(steps.astype(int))) / RATE * tempo / 100
    for second in (1.0, 2.0, 3.0):
        assert np.abs(edges - second).min() < 0.03


def test_the_sound_is_the_same_every_time_and_never_too_loud() -> None:
    loud = np.clip(tones(220.0, 331.0, 450.0) * 4, -1, 1)
    first, second = stretch(loud, RATE, semitones=3), stretch(loud, RATE, semitones=3)
    assert np.array_equal(first, second)
    assert np.abs(first).max() <= 1
