from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers.sounds import chord, write_song

from lyricsrec.audio import media
from lyricsrec.audio.media import open_path
from lyricsrec.plot.backdrop import COLUMNS_PER_S, Backdrop, read_backdrop


def backdrop(path: Path, kind: str, from_s: float = 0.0, to_s: float | None = None) -> Backdrop:
    with open_path(path) as song:
        return read_backdrop(song, kind, from_s=from_s, to_s=to_s)  # type: ignore[arg-type]


@pytest.fixture
def beeps(tmp_path: Path) -> Path:
    """Four seconds of 1 kHz, silent but for the second and the last one."""
    t = np.arange(4 * 44_100) / 44_100
    wave = np.where((t.astype(int) % 2) == 1, 0.5 * np.sin(2 * np.pi * 1000 * t), 0)
    return write_song(tmp_path / "beeps.wav", np.repeat(wave[:, None], 2, axis=1))


@pytest.mark.parametrize("kind", ["spectrogram", "waveform"])
def test_sound_is_where_it_is(beeps: Path, kind: str) -> None:
    painted = backdrop(beeps, kind)
    assert (painted.start_s, painted.end_s, painted.duration_s) == (0.0, 4.0, 4.0)
    assert abs(painted.pixels.shape[1] - 4 * COLUMNS_PER_S) <= 1
    ink = painted.pixels.astype(int).sum(axis=0)
    loud = [ink[second * COLUMNS_PER_S + 5 : (second + 1) * COLUMNS_PER_S - 5] for second in range(4)]
    assert min(loud[1].min(), loud[3].min()) > 2 * max(loud[0].max(), loud[2].max())


def test_a_tone_is_in_its_band(beeps: Path) -> None:
    column = backdrop(beeps, "spectrogram").pixels[:, 90]
    # 1 kHz lies at 878.5 of 121 to 2840 mel, which 80 bands share.
    assert int(column.argmax()) == round(81 * (1000.0 - 121.9) / (2840.0 - 121.9)) - 1


@pytest.mark.parametrize("kind", ["spectrogram", "waveform"])
def test_blocks_leave_no_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    song = write_song(tmp_path / "song.wav", chord(5.0))
    whole = backdrop(song, kind)
    blocks = media.Song.blocks
    monkeypatch.setattr(media.Song, "blocks", lambda self, _: blocks(self, 0.7))
    np.testing.assert_array_equal(backdrop(song, kind).pixels, whole.pixels)


def test_a_part(beeps: Path) -> None:
    part = backdrop(beeps, "waveform", 1.0, 1.5)
    assert (part.start_s, part.end_s, part.duration_s) == (1.0, 1.5, 4.0)
    assert part.pixels.shape[1] == COLUMNS_PER_S // 2
    np.testing.assert_array_equal(part.pixels, backdrop(beeps, "waveform").cut(1.0, 1.5))
    beyond = backdrop(beeps, "waveform", 3.5, 9.0)
    assert (beyond.start_s, beyond.end_s) == (3.5, 4.0)
    nothing = backdrop(beeps, "waveform", 7.0, 9.0)
    assert nothing.start_s == nothing.end_s == 7.0


def test_silence_is_white(tmp_path: Path) -> None:
    song = write_song(tmp_path / "silence.wav", np.zeros((44_100, 2), np.float32))
    assert not backdrop(song, "spectrogram").pixels.any()
    # A line for the waveform.
    assert set(np.flatnonzero(backdrop(song, "waveform").pixels[:, 30])) == {39, 40}


def test_no_background(tone: Path) -> None:
    painted = backdrop(tone, "none")
    assert painted.pixels.size == 0
    assert painted.end_s == 3.0
