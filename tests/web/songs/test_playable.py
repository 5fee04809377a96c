"""Which songs browsers play, and FLAC copies of the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from helpers.containers import Form, Part, bursts, write_container
from helpers.sounds import write_song
from helpers.web.planted_worker import add_job, planted

from lyricsrec.audio.media import open_path
from lyricsrec.web.jobs.folder import JobFolder
from lyricsrec.web.jobs.store import Store
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.playable import plays_in_browsers, write_playable
from lyricsrec.web.work.worker import Worker

TONE = (0.3 * np.sin(np.arange(44_100) / 20)).astype(np.float32)


def encoded(path: Path, codec: str) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=44_100)
        frame = av.AudioFrame.from_ndarray((TONE[None] * 32767).astype(np.int16), format="s16", layout="mono")
        frame.sample_rate = 44_100
        fitting = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=44_100, frame_size=1024)
        for part in [*fitting.resample(frame), *fitting.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "plays"),
    [("a.m4a", "aac", True), ("a.m4a", "alac", False), ("a.mp4", "aac", True), ("a.mka", "pcm_s16le", False)],
)
def test_whether_a_song_plays_depends_on_its_codec(tmp_path: Path, name: str, codec: str, plays: bool) -> None:
    # What begins like a WebM may be any Matroska.
    path = encoded(tmp_path / name, codec).rename(tmp_path / name.replace("mka", "webm"))
    assert plays_in_browsers(path) is plays


def test_unknown_suffixes_and_damaged_files_do_not_play(tmp_path: Path) -> None:
    assert plays_in_browsers(write_song(tmp_path / "a.wav", TONE))
    assert plays_in_browsers(write_song(tmp_path / "a.flac", TONE))
    assert not plays_in_browsers(write_song(tmp_path / "a.aiff", TONE))
    (tmp_path / "b.mp3").write_bytes(b"nothing")
    assert not plays_in_browsers(tmp_path / "b.mp3")


MP3 = Form("libmp3lame", options={"write_xing": "0"}, quality=4)
SOUND = bursts([0.5, 2.0], 3.0)


@pytest.mark.parametrize(
    ("name", "tracks", "form", "plays"),
    [
        ("a.mp3", [Part(SOUND)], replace(MP3, options={}), True),
        ("a.mp3", [Part(SOUND)], replace(MP3, quality=None, bit_rate=64_000), True),
        ("a.mp3", [Part(SOUND)], MP3, False),
        ("a.mp4", [Part(SOUND)], Form(picture_s=0.0), True),
        ("a.mp4", [Part(SOUND, 1.0)], Form(picture_s=0.0), False),
        ("a.m4a", [Part(SOUND, hole_at_s=1.0, hole_s=1.0)], Form(), False),
        ("a.mp4", [Part(SOUND), Part(SOUND)], Form(), False),
        ("a.mp4", [Part(SOUND, 5.0)], Form(picture_s=5.0), False),
    ],
)
def test_songs_whose_times_differ_in_browsers_get_a_copy(
    tmp_path: Path, name: str, tracks: list[Part], form: Form, plays: bool
) -> None:
    assert plays_in_browsers(write_container(tmp_path / name, tracks, form)) is plays


def test_a_copy_sounds_the_same(tmp_path: Path) -> None:
    with open_path(write_song(tmp_path / "a.aiff", TONE)) as song:
        write_playable(song, tmp_path / "copy.flac")
    samples, rate = soundfile.read(tmp_path / "copy.flac")
    assert (rate, samples.shape) == (44_100, (44_100, 2))
    assert np.abs(samples[:, 0] - TONE).max() < 2e-4


def test_a_worker_makes_a_copy_only_if_needed(tmp_path: Path) -> None:
    config = ServeConfig(folder=tmp_path / "data", device="cpu")
    store = Store.open(config.folder)
    worker = Worker(store, config, "w", planted)
    for name, is_needed in (("a.aiff", True), ("b.wav", False)):
        job = add_job(store, config.folder, write_song(tmp_path / name, np.tile(TONE, 3)))
        assert worker.work()
        assert JobFolder(config.folder, job.id).playable.is_file() is is_needed
