import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from helpers.containers import RATE, Form, Part, bursts, onsets, write_container
from helpers.sounds import write_song

from lyricsrec.audio.media import Song, open_path

TIMES = [0.5, 2.0, 3.5]
SOUND = bursts(TIMES, 5.0)
PICTURE = Form(picture_s=0.0)
# Encoders put up to 50 ms of silence before the sound, and not every container says how much.
PRIMING_S = 0.055


def read(path: Path, **choice: int | str) -> tuple[np.ndarray, Song]:
    with open_path(path, **choice) as song:
        return np.concatenate([block.samples for block in song.blocks()], axis=1), song


def check(path: Path, times: list[float], end_s: float) -> None:
    """The tones of a file lie at these times, and excerpts, blocks and the count of packets agree about it."""
    with open_path(path) as song:
        counted_s, is_cut = song.duration_s, song.is_cut_short()
    samples, song = read(path)
    assert onsets(samples) == pytest.approx(times, abs=PRIMING_S)
    assert samples.shape[1] / RATE == pytest.approx(end_s, abs=2 * PRIMING_S)
    assert counted_s == pytest.approx(samples.shape[1] / RATE, abs=PRIMING_S)
    assert (song.warnings, is_cut) == ([], False)
    with open_path(path) as song:
        for start_s in (1.7, 3.3, 0.2):
            excerpt = song.excerpt(start_s, end_s)
            expected = [time_s for time_s in onsets(samples) if time_s > start_s]
            assert [start_s + time_s for time_s in onsets(excerpt.samples)] == pytest.approx(expected, abs=0.002)
            assert excerpt.end_s == pytest.approx(min(end_s, samples.shape[1] / RATE), abs=0.002)


FORMS = {
    "cbr.mp3": Form("libmp3lame", bit_rate=64_000),
    "cbr_noxing.mp3": Form("libmp3lame", options={"write_xing": "0"}, bit_rate=64_000),
    "vbr.mp3": Form("libmp3lame", quality=4),
    "vbr_noxing.mp3": Form("libmp3lame", options={"write_xing": "0"}, quality=4),
    "opus.ogg": Form("libopus", rate=48_000),
    "flac.ogg": Form("flac", options={}),
    "a.opus": Form("libopus", rate=48_000),
    "a.webm": Form("libopus", rate=48_000),
    "a.m4a": Form(),
    "a.mp4": PICTURE,
    "fast.mp4": Form(options={"movflags": "faststart"}),
    "pieces.mp4": Form(options={"movflags": "frag_keyframe+empty_moov", "frag_duration": "1000000"}),
    "a.mov": Form(),
    "a.mkv": PICTURE,
    "a.ts": PICTURE,
    "a.mpg": Form("mp2", picture_s=0.0),
    "a.aac": Form(container="adts"),
    "a.wma": Form("wmav2", container="asf", bit_rate=128_000),
    "a.avi": Form("libmp3lame", picture_s=0.0),
    "a.flv": Form(),
}


@pytest.mark.parametrize("name", FORMS)
def test_formats_of_ffmpeg(tmp_path: Path, name: str) -> None:
    form = FORMS[name]
    sound = SOUND if form.rate == RATE else bursts(TIMES, 5.0, form.rate)
    check(write_container(tmp_path / name, [Part(sound)], form), TIMES, 5.0)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("name", ["u8.wav", "16.wav", "24.wav", "32.wav", "float.wav", "a.flac", "a.aiff", "a.ogg"])
def test_formats_of_libsndfile(tmp_path: Path, name: str, channels: int, rate: int) -> None:
    subtypes = {"u8.wav": "PCM_U8", "24.wav": "PCM_24", "32.wav": "PCM_32", "float.wav": "FLOAT"}
    path = write_song(tmp_path / name, bursts([0.5, 1.0], 1.5, rate, channels), rate, subtypes.get(name))
    samples, song = read(path)
    given, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert abs(samples.shape[1] - round(len(given) * RATE / rate)) <= 2
    assert onsets(samples) == pytest.approx([0.5, 1.0], abs=0.01)
    assert song.warnings == []
    if rate == RATE and channels < 6:
        assert samples[0] == pytest.approx(given[:, 0], abs=1e-4 if name == "a.ogg" else 1e-6)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.mov", "a.webm"])
def test_sound_that_begins_after_the_picture(tmp_path: Path, name: str) -> None:
    form = Form("libopus", "matroska", rate=48_000, picture_s=0.0) if name == "a.webm" else PICTURE
    path = write_container(tmp_path / name, [Part(bursts(TIMES, 5.0, form.rate), 3.0)], form)
    check(path, [3.5, 5.0, 6.5], 8.0)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.m4a", "a.mka"])
def test_a_hole_is_silence(tmp_path: Path, name: str) -> None:
    form = Form() if name in ("a.m4a", "a.mka") else PICTURE
    path = write_container(tmp_path / name, [Part(SOUND, hole_at_s=1.5, hole_s=4.0)], form)
    check(path, [0.5, 6.0, 7.5], 9.0)
    samples, _ = read(path)
    assert not samples[:, round(1.7 * RATE) : round(5.4 * RATE)].any()


@pytest.mark.parametrize("name", ["a.ts", "a.mp4", "a.mkv"])
def test_time_0_is_where_the_container_begins(tmp_path: Path, name: str) -> None:
    path = write_container(tmp_path / name, [Part(SOUND, 10.0)], Form(picture_s=10.0))
    check(path, TIMES, 5.0)


@pytest.mark.parametrize("skipped_s", [0.1, 1.0, 1.4])
def test_an_edit_list_that_skips_the_beginning_is_honoured(tmp_path: Path, skipped_s: float) -> None:
    path = write_container(tmp_path / "a.m4a", [Part(SOUND)], Form(options={"movflags": "negative_cts_offsets"}))
    data = bytearray(path.read_bytes())
    place = data.index(b"elst") + 12
    length_ms, start = struct.unpack_from(">Ii", data, place)
    struct.pack_into(">Ii", data, place, length_ms - round(1000 * skipped_s), start + round(RATE * skipped_s))
    path.write_bytes(data)
    check(path, [time_s - skipped_s for time_s in TIMES if time_s > skipped_s], 5.0 - skipped_s)


def test_joined_mp3_files_are_read_to_the_end(tmp_path: Path) -> None:
    first = write_container(tmp_path / "a.mp3", [Part(SOUND)], Form("libmp3lame", bit_rate=128_000))
    second = write_container(tmp_path / "b.mp3", [Part(SOUND)], Form("libmp3lame", quality=6))
    (tmp_path / "both.mp3").write_bytes(first.read_bytes() + second.read_bytes())
    check(tmp_path / "both.mp3", [*TIMES, *(5.0 + time_s for time_s in TIMES)], 10.0)


@pytest.mark.parametrize("name", ["a.ogg", "a.flac", "a.ts"])
def test_other_joined_files_are_read_to_the_end(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.ts":
        write_container(path, [Part(SOUND)], Form())
    else:
        write_song(path, SOUND)
    path.write_bytes(2 * path.read_bytes())
    second_s = PRIMING_S + 5.0 if name == "a.ts" else 5.0
    check(path, [*TIMES, *(second_s + time_s for time_s in TIMES)], 10.0)


def test_joined_files_of_other_rates_and_channels(tmp_path: Path) -> None:
    form = Form("libmp3lame", bit_rate=64_000)
    first = write_container(tmp_path / "a.mp3", [Part(SOUND)], form)
    mono = Part(bursts(TIMES, 5.0, 48_000, 1))
    second = write_container(tmp_path / "b.mp3", [mono], Form("libmp3lame", bit_rate=64_000, rate=48_000))
    (tmp_path / "both.mp3").write_bytes(first.read_bytes() + second.read_bytes())
    samples, _ = read(tmp_path / "both.mp3")
    assert onsets(samples) == pytest.approx([*TIMES, *(5.0 + time_s for time_s in TIMES)], abs=2 * PRIMING_S)


def test_a_quiet_beginning_does_not_hide_what_follows(tmp_path: Path) -> None:
    quiet = np.concatenate([np.zeros((3 * RATE, 2), np.float32), SOUND])
    form = Form("libmp3lame", options={"write_xing": "0"}, quality=0)
    check(write_container(tmp_path / "a.mp3", [Part(quiet)], form), [3.0 + time_s for time_s in TIMES], 8.0)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x7FFFF024])
def test_a_wave_file_whose_size_was_not_known_is_read_to_the_end(tmp_path: Path, size: int) -> None:
    data = bytearray(write_song(tmp_path / "a.wav", SOUND, subtype="PCM_16").read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = size.to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(data)
    check(tmp_path / "a.wav", TIMES, 5.0)


@pytest.mark.parametrize("length", [1, 500, 5000])
def test_a_flac_file_behind_foreign_bytes_has_its_own_times(tmp_path: Path, length: int) -> None:
    data = write_song(tmp_path / "a.flac", SOUND).read_bytes()
    (tmp_path / "a.flac").write_bytes(np.random.default_rng(0).bytes(length) + data)
    check(tmp_path / "a.flac", TIMES, 5.0)


def test_a_flac_file_without_a_length_is_read_to_the_end(tmp_path: Path) -> None:
    data = bytearray(write_song(tmp_path / "a.flac", SOUND).read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    (tmp_path / "a.flac").write_bytes(data)
    check(tmp_path / "a.flac", TIMES, 5.0)


def test_damage_in_the_middle_is_silence_and_what_follows_keeps_its_time(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.m4a", [Part(SOUND)], Form())
    data = bytearray(path.read_bytes())
    middle = data.index(b"mdat") + 4 + (len(data) - data.index(b"mdat")) // 8
    data[middle : middle + 8000] = bytes(8000)
    path.write_bytes(data)
    samples, _ = read(path)
    assert onsets(samples)[-1] == pytest.approx(3.5, abs=PRIMING_S)


def test_every_layout_keeps_the_voice_in_the_middle(tmp_path: Path) -> None:
    sound = np.zeros((RATE, 6), np.float32)
    sound[:, 2] = 0.5
    for name, form in (("a.m4a", Form(bit_rate=256_000)), ("a.ac3", Form("ac3", bit_rate=256_000))):
        samples, _ = read(write_container(tmp_path / name, [Part(sound)], form))
        middle = samples[:, RATE // 2 : RATE // 2 + 1000]
        assert middle == pytest.approx(np.full_like(middle, 0.5 * 0.5**0.5 / (1 + 2 * 0.5**0.5)), abs=0.02)


def test_packets_can_be_counted_while_a_song_is_read(tmp_path: Path) -> None:
    path = write_song(tmp_path / "a.flac", bursts([time_s + 0.5 for time_s in range(20)], 20.0))
    parts = []
    with open_path(path) as song:
        for block in song.blocks(4.0):
            parts.append(block.samples)
            assert song.duration_s == 20.0
    assert np.array_equal(np.concatenate(parts, axis=1), read(path)[0])


def test_memory_does_not_grow_with_a_hole(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.mkv", [Part(SOUND, hole_at_s=2.0, hole_s=600.0)], Form())
    with open_path(path) as song:
        lengths = [block.duration_s for block in song.blocks(60.0)]
    assert max(lengths) <= 60.0
    assert sum(lengths) == pytest.approx(605.0, abs=PRIMING_S)
