"""Songs to files of stems, from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from helpers.files import EXAMPLES
from helpers.sounds import chord, write_song

from lyricsrec import separate
from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import AudioError, UsageError
from lyricsrec.base.progress import Report, Silent, ignore
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.separation.base import Stems, stems_of


class Half:
    """Takes half of the mix for vocals."""

    name = "half"

    def __init__(self) -> None:
        self.lengths_s: list[float] = []

    def separate(self, mix: Audio, report: Report = ignore) -> Stems:
        self.lengths_s.append(mix.duration_s)
        report(mix.end_s)
        return stems_of(mix.samples / 2, mix)


def test_a_song_is_separated_by_default_without_a_download(tmp_path: Path) -> None:
    files = separate(EXAMPLES / "on_the_run_verse.flac", tmp_path / "new")
    assert files.missing == {}
    assert [path.name for path in files.paths.values()] == [
        "on_the_run_verse.vocals.flac",
        "on_the_run_verse.instrumental.flac",
    ]
    mix = soundfile.read(EXAMPLES / "on_the_run_verse.flac")[0]
    assert sum(soundfile.read(path)[0] for path in files.paths.values()) == pytest.approx(mix, abs=1e-5)


def test_a_long_song_is_separated_in_blocks_and_reports_progress(tmp_path: Path) -> None:
    places: list[tuple[str, float]] = []

    class Watch(Silent):
        def update(self, stage: str, done: float, total: float | None) -> None:
            assert total == 200.0
            places.append((stage, done))

    separator = Half()
    song = write_song(tmp_path / "v1.2 mix.wav", chord(200.0, 8_000, 1), 8_000)
    files = separate(song, tmp_path, separator, form="wav", progress=Watch())
    assert max(separator.lengths_s) < 140
    assert [stage for stage, _ in places] == ["separating"] * len(separator.lengths_s)
    assert places[-1][1] == pytest.approx(200.0)
    assert files.paths["vocals"] == tmp_path / "v1.2 mix.vocals.wav"
    assert soundfile.info(files.paths["vocals"]).duration == pytest.approx(200.0, abs=0.001)


def test_what_is_missing_has_a_reason(tmp_path: Path) -> None:
    silence = write_song(tmp_path / "silence.wav", np.zeros((4000, 2), np.float32))
    files = separate(silence, tmp_path, Half())
    assert (files.paths, set(files.missing.values())) == ({}, {"the song is silent"})
    assert len(separate(silence, tmp_path, Half(), keeps_all=True).paths) == 2


def test_errors_leave_no_files(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"):
        separate(tmp_path / "a.wav", tmp_path)
    with pytest.raises(UsageError, match="unknown separator 'nope'"):
        separate(tmp_path / "a.wav", tmp_path, "nope")
    with pytest.raises(UsageError, match="--format must be 'flac', 'wav' or 'mp3'"):
        StemConfig(form="ogg").check()  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="'none' does not take songs apart"):
        StemConfig("none").check()
    assert not list(tmp_path.iterdir())
