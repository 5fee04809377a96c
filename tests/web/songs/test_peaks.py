"""Waveforms for the page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.sounds import write_song

from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import AudioError
from lyricsrec.web.songs.peaks import find_peaks, peaks_to_json


def steps(seconds: float, rate: int = 44_100) -> np.ndarray:
    """A square wave on the left whose amplitude cycles from 0.1 to 0.5, one step a second; silence on the right."""
    second = np.arange(round(seconds * rate)) // rate
    left = (0.1 * (1 + second % 5)) * np.where(np.arange(len(second)) % 100 < 50, 1, -1)
    return np.stack([left, np.zeros_like(left)], axis=1).astype(np.float32)


def test_twenty_peaks_a_second_divided_by_the_largest(tmp_path: Path) -> None:
    done: list[float] = []
    # Longer than a block, and not a whole number of peaks.
    with open_path(write_song(tmp_path / "song.wav", steps(65.02), subtype="FLOAT")) as song:
        peaks = find_peaks(song, 100.0, done.append)
    assert len(peaks) == 65 * 20 + 1
    assert peaks == [round(0.2 * (1 + i // 20 % 5), 3) for i in range(65 * 20 + 1)]
    assert done[-1] == pytest.approx(65.02)


def test_silence_stays_zero(tmp_path: Path) -> None:
    with open_path(write_song(tmp_path / "song.wav", np.zeros((44_100, 2), np.float32))) as song:
        assert find_peaks(song, 100.0) == [0.0] * 20


def test_a_song_longer_than_the_limit(tmp_path: Path) -> None:
    with (
        open_path(write_song(tmp_path / "song.wav", steps(40.0))) as song,
        pytest.raises(AudioError, match=r"longer than 0\.5 minutes"),
    ):
        find_peaks(song, 30.0)


def test_the_document() -> None:
    assert json.loads(peaks_to_json([0.0, 0.25, 1.0])) == {"hop_s": 0.05, "peaks": [0.0, 0.25, 1.0]}
