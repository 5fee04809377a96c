import io
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

import av
import numpy as np
import pytest
import soundfile
from helpers.sounds import chord, write_song

from lyricsrec.audio.media import SAMPLE_RATE, open_path, open_song
from lyricsrec.base.errors import AudioError
from lyricsrec.base.output import display_name


def read(path: Path, block_s: float = 600.0) -> tuple[np.ndarray, list[str]]:
    with open_path(path) as song:
        samples = np.concatenate([block.samples for block in song.blocks(block_s)], axis=1)
        return samples, song.warnings


def encode(path: Path, samples: np.ndarray, codec: str, rate: int = 48_000, *, picture: bool = False) -> Path:
    """Write (n, 2) samples at `rate` with ffmpeg's encoder, as a video with one black picture if asked."""
    with av.open(str(path), "w") as container:
        if picture:
            video = container.add_stream("mpeg4", rate=1)
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream(codec, rate=rate, layout="stereo")
        if picture:
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux([*video.encode(frame), *video.encode(None)])
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=audio.format, layout="stereo", rate=rate, frame_size=audio.frame_size or None
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(audio.encode(part))
        container.mux(audio.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3", ".aiff"])
def test_formats_of_libsndfile(tmp_path: Path, suffix: str) -> None:
    wave = chord(2.0)
    samples, warnings = read(write_song(tmp_path / f"song{suffix}", wave))
    assert samples.shape == (2, 2 * SAMPLE_RATE)
    assert np.corrcoef(samples[0], wave[:, 0])[0, 1] > 0.999
    assert warnings == []


def test_mp3_decodes_the_same_in_parts(tmp_path: Path) -> None:
    # Steady tones make small frames, which share their bits with many before them.
    path = write_song(tmp_path / "song.mp3", chord(30.0))
    whole = soundfile.read(path, dtype="float32")[0].T
    assert np.allclose(read(path)[0], whole, atol=1e-4)
    with open_path(path) as song:
        part = song.excerpt(12.3, 27.0)
    first = round(12.05 * SAMPLE_RATE) + round(0.25 * SAMPLE_RATE)
    assert np.allclose(part.samples, whole[:, first : first + part.num_samples], atol=1e-4)


@pytest.mark.parametrize(
    ("suffix", "codec", "picture"),
    [(".m4a", "aac", False), (".opus", "libopus", False), (".webm", "libopus", False), (".mp4", "aac", True)],
)
def test_formats_of_ffmpeg(tmp_path: Path, suffix: str, codec: str, picture: bool) -> None:
    path = encode(tmp_path / f"song{suffix}", chord(2.0, 48_000), codec, picture=picture)
    samples, _ = read(path)
    wave = chord(2.0)[:, 0]
    assert abs(samples.shape[1] - len(wave)) < 0.1 * SAMPLE_RATE
    # Encoders pad the beginning: compare the spectra.
    size = min(samples.shape[1], len(wave))
    spectra = [np.abs(np.fft.rfft(x[:size])) for x in (samples[0], wave)]
    assert np.corrcoef(*spectra)[0, 1] > 0.95


def test_a_video_without_audio_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=1)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        container.mux([*video.encode(frame), *video.encode(None)])
    with pytest.raises(AudioError, match="no audio track"), open_path(path):
        pass


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (22_050, 2), (44_099, 2), (96_000, 6)])
def test_any_rate_and_layout_becomes_stereo_at_one_rate_in_time(tmp_path: Path, rate: int, channels: int) -> None:
    wave = np.zeros((3 * rate, channels), np.float32)
    wave[rate + rate // 2] = 0.9
    samples, _ = read(write_song(tmp_path / "click.wav", wave, rate, subtype="FLOAT"))
    assert samples.shape == (2, 3 * SAMPLE_RATE)
    assert abs(int(np.abs(samples[0]).argmax()) - 1.5 * SAMPLE_RATE) <= 4


def test_long_songs_come_in_blocks_cut_where_it_is_quiet(tmp_path: Path) -> None:
    wave = np.random.default_rng(0).uniform(-0.5, 0.5, (95 * SAMPLE_RATE, 1)).astype(np.float32)
    wave[52 * SAMPLE_RATE : 52 * SAMPLE_RATE + 9000] = 0
    path = write_song(tmp_path / "long.wav", wave, subtype="FLOAT")
    with open_path(path) as song:
        blocks = list(song.blocks(60.0))
    assert [block.start_s for block in blocks] == [0.0, blocks[0].end_s]
    assert 52.0 < blocks[0].end_s < 52.2
    assert np.array_equal(np.concatenate([b.samples[0] for b in blocks]), wave[:, 0])


def test_invalid_samples_become_silence_with_a_warning(tmp_path: Path) -> None:
    wave = chord(1.0)
    wave[10:13, 0] = [np.nan, np.inf, -np.inf]
    samples, warnings = read(write_song(tmp_path / "bad.wav", wave, subtype="FLOAT"))
    assert samples[0, 10:13].tolist() == [0, 0, 0]
    assert warnings == ["3 samples are NaN or infinite and were replaced by silence"]


def test_only_invalid_samples_are_an_error(tmp_path: Path) -> None:
    path = write_song(tmp_path / "bad.wav", np.full((500, 2), np.nan, np.float32), subtype="FLOAT")
    with pytest.raises(AudioError, match="all its samples are NaN"):
        read(path)


def test_a_truncated_song_is_read_up_to_its_end(tmp_path: Path) -> None:
    whole = write_song(tmp_path / "whole.wav", chord(10.0)).read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    mp3 = write_song(tmp_path / "whole.mp3", chord(10.0)).read_bytes()
    (tmp_path / "cut.mp3").write_bytes(mp3[: len(mp3) // 2])
    for name in ("cut.wav", "cut.mp3"):
        samples, _ = read(tmp_path / name)
        assert 4.5 < samples.shape[1] / SAMPLE_RATE < 5.5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"These are words, not music.\n" * 50, "not an audio file"),
        (b"\xff\xfbwords, not music.\n" * 50, "not an audio file|zero samples"),
        (b"RIFF\x00\x00\x00\x00WAVE", "not an audio file|zero samples"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "not an audio file"),
    ],
)
def test_files_without_audio(content: bytes, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        list(open_song(io.BytesIO(content), "x.mp3").blocks())


def test_zero_samples(tmp_path: Path) -> None:
    path = write_song(tmp_path / "none.wav", np.zeros((0, 2), np.float32))
    with pytest.raises(AudioError, match="zero samples"):
        read(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"), open_path(tmp_path / "none.wav"):
        pass
    with pytest.raises(AudioError, match="folder"), open_path(tmp_path):
        pass


def test_names_are_shown_on_one_line() -> None:
    assert display_name(Path("a\nb \u00e9\x1b.mp3")) == "a\\nb \u00e9\\x1b.mp3"


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "low.wav", "a.m4a", "a.webm", "a.mp4"])
def test_an_excerpt_equals_that_part_of_the_song(tmp_path: Path, name: str) -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, (12 * SAMPLE_RATE, 2)).astype(np.float32)
    # Noise through a low pass, so that no codec takes it away.
    sound = np.cumsum(sound - np.roll(sound, 1000, axis=0), axis=0)[1000:] / 100
    path = tmp_path / name
    if name.startswith("low"):
        write_song(path, sound, 22_050)
    elif path.suffix in (".m4a", ".webm", ".mp4"):
        encode(path, sound, "libopus" if path.suffix == ".webm" else "aac", picture=path.suffix == ".mp4")
    else:
        write_song(path, sound)
    whole, _ = read(path)
    for start_s, end_s in [(0.0, 1.0), (0.03, 1.0), (4.321, 6.5), (9.0, 10.5)]:
        with open_path(path) as song:
            excerpt = song.excerpt(start_s, end_s)
        assert excerpt.start_s == start_s
        assert excerpt.num_samples == round((end_s - start_s) * SAMPLE_RATE)
        first = round(start_s * SAMPLE_RATE)
        there = whole[:, first : first + excerpt.num_samples]
        # Times in WebM are whole milliseconds, and resamplers fall between samples.
        assert np.corrcoef(excerpt.samples[0], there[0])[0, 1] > 0.95


def test_an_excerpt_beyond_the_end_is_shorter(tone: Path) -> None:
    with open_path(tone) as song:
        assert song.excerpt(2.5, 9.0).duration_s == pytest.approx(0.5)
    with open_path(tone) as song:
        assert song.excerpt(5.0, 9.0).num_samples == 0


def test_a_temporary_file_that_is_open_for_writing_is_read() -> None:
    with tempfile.SpooledTemporaryFile(1 << 20) as file:
        soundfile.write(file, np.zeros((4_410, 2)), 44_100, format="WAV")
        assert open_song(cast(BinaryIO, file), "stdin").duration_s == pytest.approx(0.1)
