"""Uploads are inspected without trusting them."""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import mutagen
import numpy as np
import pytest
from helpers.sounds import chord, write_song
from PIL import Image

from lyricsrec.base.errors import AudioError
from lyricsrec.lyrics.transcript import Tags
from lyricsrec.web.limited import Limits
from lyricsrec.web.settings import ServeConfig
from lyricsrec.web.songs.probe import Probed, probe, suffix_of
from lyricsrec.web.songs.sandbox import TooLongError, run_in_sandbox

CONFIG = ServeConfig(max_duration_s=60.0)
NAME = "My song"


def encode(path: Path, codec: str, *, picture: bool = False, form: str | None = None) -> Path:
    """Two seconds of audio from an encoder of ffmpeg, with a video track if `picture`."""
    with av.open(str(path), "w", format=form) as container:
        if picture:
            video = container.add_stream("mpeg4", rate=1)
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream(codec, rate=48_000, layout="stereo")
        if picture:
            black = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux([*video.encode(black), *video.encode(None)])
        samples = np.ascontiguousarray(chord(2.0, 48_000).T)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(
            format=audio.format, layout="stereo", rate=48_000, frame_size=audio.frame_size or None
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(audio.encode(part))
        container.mux(audio.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_songs_with_any_file_name(tmp_path: Path, suffix: str) -> None:
    path = write_song(tmp_path / f"song{suffix}", chord(2.0)).rename(tmp_path / "upload.exe")
    found = probe(path, NAME, CONFIG)
    assert found.suffix == suffix
    assert found.duration_s == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("suffix", "codec", "picture"),
    [(".m4a", "aac", False), (".webm", "libopus", False), (".mp4", "aac", True), (".aac", "aac", False)],
)
def test_songs_and_videos_for_ffmpeg(tmp_path: Path, suffix: str, codec: str, picture: bool) -> None:
    path = encode(tmp_path / f"song{suffix}", codec, picture=picture)
    found = probe(path, NAME, CONFIG)
    assert found.suffix == suffix
    assert found.duration_s == pytest.approx(2.0, abs=0.25)


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(file, "PNG")
    return file.getvalue()


NO_SONGS = {
    "nothing": b"",
    "text": b"Plain text, not audio.\n" * 50,
    "noise": np.random.default_rng(0).bytes(50_000),
    "zeros": bytes(50_000),
    "a picture": png(),
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a header of MP3 only": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "a header of WAVE only": b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00D\xac\x00\x00",
    "a header of FLAC only": b"fLaC\x80\x00\x00\x22" + bytes(34),
    "an archive": b"PK\x03\x04" + bytes(1000),
}


@pytest.mark.parametrize("content", NO_SONGS.values(), ids=NO_SONGS)
def test_files_that_are_not_songs(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=f"^{NAME}: ") as caught:
        probe(path, NAME, CONFIG)
    assert str(tmp_path) not in f"{caught.value}{caught.value.hint}"


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port, and the connections that were made to it."""
    server = socket.create_server(("127.0.0.1", 0))
    connections: list[object] = []

    def accept() -> None:
        try:
            while True:
                connections.append(server.accept())
        except OSError:
            return

    thread = threading.Thread(target=accept)
    thread.start()
    yield server.getsockname()[1], connections
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{file}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{file}'\n",
        "ffconcat version 1.0\nfile '{address}'\n",
        "[playlist]\nFile1={address}\n",
        "<?xml version='1.0'?><MPD><Period><AdaptationSet><Representation><BaseURL>{address}</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>",
    ],
)
def test_playlists_open_neither_files_nor_addresses(
    tmp_path: Path, listener: tuple[int, list[object]], playlist: str
) -> None:
    port, connections = listener
    secret = write_song(tmp_path / "secret.wav", chord(2.0))
    path = tmp_path / "upload"
    path.write_text(playlist.format(address=f"http://127.0.0.1:{port}/song.mp3", file=secret))
    with pytest.raises(AudioError):
        probe(path, NAME, CONFIG)
    assert connections == []


def flac(path: Path, seconds: float, stated: int) -> Path:
    """A FLAC of silence whose header states another number of samples, 0 for none."""
    data = bytearray(write_song(path, np.zeros((round(seconds * 8000), 1), np.float32), 8000).read_bytes())
    field = int.from_bytes(data[18:26], "big")
    data[18:26] = (field >> 36 << 36 | stated).to_bytes(8, "big")
    path.write_bytes(data)
    return path


def test_tags_are_found(tmp_path: Path) -> None:
    file = mutagen.File(write_song(tmp_path / "song.flac", chord(1.0)))
    file.update({"title": "Far", "artist": "Ann"})
    file.save()
    assert probe(tmp_path / "song.flac", NAME, CONFIG) == Probed(1.0, ".flac", Tags("Far", "Ann"))


def test_a_header_that_states_a_hundred_hours_is_not_believed(tmp_path: Path) -> None:
    assert probe(flac(tmp_path / "bomb.flac", 1.0, 100 * 3600 * 8000), NAME, CONFIG).duration_s == 1.0


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of silence in a small file whose header does not state its length."""
    return flac(tmp_path_factory.mktemp("hour") / "bomb.flac", 3600.0, 0)


def test_an_hour_without_a_stated_length_is_not_all_decoded(hour: Path) -> None:
    assert hour.stat().st_size < 1 << 20
    began = time.monotonic()
    with pytest.raises(TooLongError):
        probe(hour, NAME, CONFIG)
    assert time.monotonic() - began < 20


def test_a_length_that_is_not_stated_is_measured(tmp_path: Path) -> None:
    assert probe(flac(tmp_path / "song.flac", 45.0, 0), NAME, CONFIG) == Probed(45.0, ".flac")


def test_an_ogg_that_states_a_hundred_hours(tmp_path: Path) -> None:
    data = bytearray(write_song(tmp_path / "song.ogg", chord(2.0)).read_bytes())
    last = data.rindex(b"OggS")
    data[last + 6 : last + 14] = (100 * 3600 * 44_100).to_bytes(8, "little")
    data[last + 22 : last + 26] = bytes(4)
    data[last + 22 : last + 26] = ogg_checksum(data[last:]).to_bytes(4, "little")
    (tmp_path / "song.ogg").write_bytes(data)
    with pytest.raises(TooLongError):
        probe(tmp_path / "song.ogg", NAME, CONFIG)


def ogg_checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg"])
def test_a_song_that_is_cut_short_is_still_a_song(tmp_path: Path, suffix: str) -> None:
    path = write_song(tmp_path / f"song{suffix}", chord(8.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 1.0 < probe(path, NAME, CONFIG).duration_s < 8.1


def test_a_video_without_sound(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "silent.mp4"), "w") as container:
        video = container.add_stream("mpeg4", rate=1)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux([*video.encode(frame), *video.encode(None)])
    with pytest.raises(AudioError, match="no audio track"):
        probe(tmp_path / "silent.mp4", NAME, CONFIG)


@pytest.mark.parametrize(("form", "bits"), [(0xFFFF, 16), (1, 0)])
def test_audio_that_cannot_be_decoded(tmp_path: Path, form: int, bits: int) -> None:
    data = bytearray(write_song(tmp_path / "song.wav", chord(1.0)).read_bytes())
    data[20:22], data[34:36] = form.to_bytes(2, "little"), bits.to_bytes(2, "little")
    (tmp_path / "odd.wav").write_bytes(data)
    with pytest.raises(AudioError, match=r"^My song: its audio codec is not supported$"):
        probe(tmp_path / "odd.wav", NAME, CONFIG)


def test_too_little_memory_is_an_error(tone: Path) -> None:
    with pytest.raises(AudioError, match=r"^My song: decoding it took too much time or memory$"):
        probe(tone, NAME, replace(CONFIG, decode_memory_gib=0.05))


def test_a_decoder_that_hangs_is_killed(tone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr("lyricsrec.web.limited._STARTUP_S", 0.2)
    began = time.monotonic()
    with pytest.raises(AudioError, match="too much time or memory"):
        probe(tone, NAME, replace(CONFIG, decode_timeout_s=0.2))
    assert time.monotonic() - began < 5


def test_decoding_that_takes_too_much_processor_time_is_killed(hour: Path) -> None:
    with pytest.raises(AudioError, match="too much time or memory"):
        run_in_sandbox(
            "lyricsrec.web.songs.peaks", hour, NAME, max_duration_s=1e6, limits=Limits(1.0, CONFIG.decode_memory_gib)
        )


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"fLaC", ".flac"),
        (b"RIFF1234WAVE", ".wav"),
        (b"\xff\xfb\x90\x00", ".mp3"),
        (b"\x00\x00\x00\x20ftypisom", ".mp4"),
        (b"\x00\x00\x00\x20ftypM4A ", ".m4a"),
        (b"?", ".media"),
        (b"", ".media"),
    ],
)
def test_suffixes_by_content(head: bytes, suffix: str) -> None:
    assert suffix_of(head) == suffix
