"""Spectrograms for the page."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from helpers.sounds import write_song

from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import AudioError
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.spectrogram import HIGHEST_HZ, LOWEST_HZ, NUM_BANDS, find_spectrogram, read_spectrogram

PITCHES = np.geomspace(LOWEST_HZ, HIGHEST_HZ, NUM_BANDS)


def tone(frequency: float, seconds: float, loud: float) -> np.ndarray:
    wave = loud * np.sin(2 * np.pi * frequency * np.arange(round(seconds * 44_100)) / 44_100)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def test_tones_are_at_their_times_and_pitches(tmp_path: Path) -> None:
    # Longer than a block; the second tone is 20 dB less loud.
    sound = np.concatenate([tone(440.0, 31.0, 0.5), tone(2000.0, 2.0, 0.05), tone(100.0, 1.0, 0)])
    with open_path(write_song(tmp_path / "song.wav", sound, subtype="FLOAT")) as song:
        levels = find_spectrogram(song, 60.0)
    assert levels.shape == pytest.approx((34 / 0.02, NUM_BANDS), abs=1)
    loudest = levels.argmax(axis=1)
    assert set(loudest[5:1545]) == {np.abs(PITCHES - 440).argmin()}
    assert set(loudest[1555:1645]) == {np.abs(PITCHES - 2000).argmin()}
    assert levels[100].max() == 255
    assert levels[1600].max() == pytest.approx(255 * 50 / 70, abs=4)
    assert levels[1660:].max() == 0


def test_the_document_of_a_file(tmp_path: Path) -> None:
    path = write_song(tmp_path / "song.wav", tone(440.0, 1.0, 0.5))
    made = json.loads(read_spectrogram(path, "song.wav", ServeConfig(folder=tmp_path)))
    assert {name: made[name] for name in ("hop_s", "bands", "lowest_hz", "highest_hz")} == {
        "hop_s": 0.02,
        "bands": 96,
        "lowest_hz": 80.0,
        "highest_hz": 8000.0,
    }
    assert len(base64.b64decode(made["levels"])) % 96 == 0


def test_a_song_longer_than_the_limit(tmp_path: Path) -> None:
    with (
        open_path(write_song(tmp_path / "song.wav", tone(440.0, 3.0, 0.1))) as song,
        pytest.raises(AudioError, match="longer than"),
    ):
        find_spectrogram(song, 2.0)
