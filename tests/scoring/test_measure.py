"""Loudness of lines, and peak memory."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Sequence

import numpy as np
import psutil
import pytest
import soundfile

from lyricsrec.audio.media import Song, open_song
from lyricsrec.scoring.measure import PeakMemory, power_of, trim_memory, with_loudness
from lyricsrec.scoring.results import LineScore


def song(samples: np.ndarray, rate: int = 44_100) -> Song:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    file.seek(0)
    return open_song(file, "song")


def loudness(power: Sequence[float], start_s: float | None, end_s: float | None) -> float | None:
    (line,) = with_loudness([LineScore((), start_s, end_s)], power)
    return line.loudness_db


def test_a_constant_and_a_sine_have_their_power() -> None:
    assert power_of(song(np.full((44_100, 2), 0.1, np.float32))) == (0.01,) * 10
    sine = np.sin(2 * np.pi * 100 * np.arange(44_100) / 44_100)
    power = power_of(song(np.stack([sine, sine], 1)))
    assert power == pytest.approx([0.5] * 10, rel=1e-3)
    assert loudness(power, 0.0, 1.0) == -3.0


@pytest.mark.parametrize(
    ("left", "right", "db"), [(0.1, 0.1, -20.0), (0.1, 0.0, -23.0), (0.1, -0.1, -20.0), (1.0, 1.0, 0.0)]
)
def test_both_channels_count_equally(left: float, right: float, db: float) -> None:
    power = power_of(song(np.tile(np.array([[left, right]], np.float32), (44_100, 1))))
    assert loudness(power, 0.2, 0.8) == db


def test_one_channel_is_as_loud_as_two_of_it() -> None:
    assert power_of(song(np.full(44_100, 0.1, np.float32))) == (0.01,) * 10


def test_a_long_song_has_no_seams_between_its_blocks() -> None:
    power = power_of(song(np.full(8000 * 301, 0.1, np.float32), 8000))
    # What remains of less than 0.1 s is left out.
    assert len(power) in (3009, 3010)
    assert power[20:-20] == pytest.approx([0.01] * len(power[20:-20]), rel=1e-2)


@pytest.mark.parametrize(
    ("start_s", "end_s", "db"),
    [
        (0.3, 0.6, 0.0),
        (0.3, 0.7, 0.0),
        (0.6, 1.1, -20.0),
        (0.65, 0.66, 0.0),
        (0.25, 0.6, pytest.approx(-1.2, abs=0.05)),
        (-5.0, 0.3, -60.0),
        (1.0, 99.0, -20.0),
        (99.0, 100.0, None),
        (1.1, 1.1, None),
        (0.5, 0.2, None),
        (None, 1.0, None),
        (1.0, None, None),
    ],
)
def test_a_line_is_as_loud_as_the_sound_between_its_times(
    start_s: float | None, end_s: float | None, db: float | None
) -> None:
    power = [1e-6] * 3 + [1.0] * 4 + [0.01] * 4
    if (start_s, end_s) == (0.6, 1.1):
        power[6] = 0.01
    assert loudness(power, start_s, end_s) == db


def test_silence_is_at_the_lowest_level_and_no_sound_has_none() -> None:
    assert loudness(power_of(song(np.zeros(44_100, np.float32))), 0.0, 1.0) == -80.0
    assert loudness((), 0.0, 1.0) is None


def test_a_peak_is_seen_after_it_is_gone() -> None:
    with PeakMemory("cpu") as before:
        pass
    with PeakMemory("cpu") as memory:
        block = np.ones(200 * 1024 * 1024 // 8)
        time.sleep(0.3)
        del block
        time.sleep(0.1)
    assert before.gib > 0
    assert 0.15 < memory.gib - before.gib < 0.4
    assert memory.gpu_gib is None


def test_it_ends_when_the_work_fails() -> None:
    memory = PeakMemory("cpu")
    with pytest.raises(RuntimeError), memory:
        raise RuntimeError
    assert memory.gib > 0
    assert not memory._thread.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's doing")
def test_freed_memory_is_returned() -> None:
    process = psutil.Process()
    blocks = [bytes(1 << 16) for _ in range(3200)]
    # The last block stays, so that the heap cannot shrink by itself.
    del blocks[:-1]
    before = process.memory_info().rss
    trim_memory()
    assert before - process.memory_info().rss > 100 * 1024 * 1024
