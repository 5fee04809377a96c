from pathlib import Path

import pytest
from helpers.containers import Form, Part, bursts, write_container
from helpers.sounds import write_song

from lyricsrec.audio.media import open_path
from lyricsrec.base.errors import AudioError

SOUND = bursts([1.0, 3.0, 5.0, 7.0], 8.0)
WRITTEN = {
    "a.mp3": Form("libmp3lame", bit_rate=64_000),
    "vbr.mp3": Form("libmp3lame", quality=2),
    "a.opus": Form("libopus", rate=48_000),
    "a.mkv": Form(picture_s=0.0),
    "a.webm": Form("libopus", rate=48_000),
    "fast.m4a": Form(options={"movflags": "faststart"}),
    "a.wma": Form("wmav2", "asf", bit_rate=128_000),
    "a.avi": Form("libmp3lame", picture_s=0.0),
}
PLAIN = ["a.wav", "a.flac", "a.aiff", "a.ogg", "a.w64", "a.rf64", "a.caf", "a.au"]


def write(path: Path) -> Path:
    if path.name in PLAIN:
        return write_song(path, SOUND)
    form = WRITTEN[path.name]
    return write_container(path, [Part(bursts([1.0, 3.0, 5.0, 7.0], 8.0, form.rate))], form)


@pytest.mark.parametrize("name", [*WRITTEN, *PLAIN])
def test_a_file_that_is_cut_in_the_middle_is_found_out_and_a_whole_one_is_not(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name)
    data = path.read_bytes()
    for share in (1.0, 0.45):
        path.write_bytes(data[: round(share * len(data))])
        with open_path(path) as song:
            is_cut = song.is_cut_short()
            read_s = sum(block.duration_s for block in song.blocks())
        assert is_cut == (share < 1)
        assert read_s == pytest.approx(share * 8, abs=1.5 if share < 1 else 0.1)
        assert len(song.warnings) == (share < 1)
        assert all(warning.startswith("the file is damaged or cut short: ") for warning in song.warnings)


def test_the_warning_says_how_much_is_missing(tmp_path: Path) -> None:
    path = write_song(tmp_path / "a.wav", SOUND)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with open_path(path) as song:
        assert len(list(song.blocks())) == 1
    assert song.warnings == ["the file is damaged or cut short: 4.0 s of 8.0 s read"]


def test_an_mp4_without_its_index_is_an_error(tmp_path: Path) -> None:
    path = write_container(tmp_path / "a.m4a", [Part(SOUND)], Form())
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioError, match="too damaged to read"), open_path(path):
        pass


def test_a_picture_that_lasts_longer_than_the_sound_is_no_damage(tmp_path: Path) -> None:
    for name in ("a.mkv", "a.avi"):
        form = Form("libmp3lame" if name == "a.avi" else "aac", picture_s=6.0)
        path = write_container(tmp_path / name, [Part(SOUND)], form)
        with open_path(path) as song:
            assert sum(block.duration_s for block in song.blocks()) == pytest.approx(8.0, abs=0.1)
        assert song.warnings == []
