"""Keys of synthetic chords."""

from __future__ import annotations

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio, Samples
from lyricsrec.lyrics.music.harmony import PITCH_CLASSES, Key
from lyricsrec.music.harmony.key import find_key, key_of, key_scores
from lyricsrec.music.harmony.spectra import RATE

# Steps of the roots and thirds of chords above the tonic: I IV V I, and i iv V i.
_CADENCES = {"major": ((0, 4), (5, 4), (7, 4), (0, 4)), "minor": ((0, 3), (5, 3), (7, 4), (0, 3))}


def cadence(tonic: int, mode: str, cents: float = 0.0) -> Samples:
    """Four triads of a second each, of tones with four harmonics."""
    seconds = np.arange(RATE) / RATE
    chords = []
    for root, third in _CADENCES[mode]:
        tones = [60 + (tonic + root + step) % 12 + cents / 100 for step in (0, third, 7)]
        hz = [440 * 2 ** ((tone - 69) / 12) for tone in tones]
        chords.append(sum(np.sin(2 * np.pi * f * k * seconds) / (10 * k) for f in hz for k in range(1, 5)))
    return np.concatenate(chords).astype(np.float32)


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", [0, 1, 6, 9])
def test_cadences(tonic: int, mode: str) -> None:
    found = key_of(cadence(tonic, mode))
    assert found is not None
    assert (found.tonic, found.mode) == (PITCH_CLASSES[tonic], mode)
    assert found.tuning_cents == pytest.approx(0, abs=2)
    assert found.confidence is not None
    assert found.confidence > 0.05


@pytest.mark.parametrize("cents", [-40, 25, 45])
def test_the_tuning_of_a_song_is_found_first(cents: float) -> None:
    found = key_of(cadence(2, "major", cents))
    assert found is not None
    assert found.name == "D major"
    assert found.tuning_cents == pytest.approx(cents, abs=3)


# Albrecht and Shanahan (2013), C major.
_MAJOR = np.array([0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081])


def test_the_profile_of_a_key_is_that_key() -> None:
    score, tonic, mode = key_scores(np.roll(_MAJOR, 3)[None])[0]
    assert (round(score, 9), PITCH_CLASSES[tonic], mode) == (1.0, "Eb", "major")


def test_the_opening_decides_between_keys_that_fit_the_whole() -> None:
    both = [np.roll(_MAJOR, 7), np.roll(_MAJOR, 0)]
    frames = np.concatenate([np.tile(row, (11, 1)) for row in both])
    assert key_scores(frames)[0][1:] == (7, "major")
    assert key_scores(frames[::-1])[0][1:] == (0, "major")


def test_silence_has_no_key() -> None:
    assert key_of(np.zeros(RATE, np.float32)) is None
    assert find_key(Audio(np.zeros((2, 0), np.float32), 44_100)) is None
    assert Key("F#", "minor").name == "F# minor"
