from pathlib import Path

import numpy as np
import pytest
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import AudioError
from lyricsrec.dataset.audio_files import AudioIndex, probe


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_song_is_found_by_any_of_its_names(tmp_path: Path) -> None:
    touch(tmp_path, "abc.mp3", "deep/down/A - B.ogg", "Ä - Ö/audio.mp3", "two/a.mp3", "two/b.mp3", "abc.txt", "x.jpg")
    index = AudioIndex(tmp_path)

    def found(*names: str) -> str | None:
        path = index.find(names)
        return None if path is None else path.relative_to(tmp_path).as_posix()

    assert found("abc", "A - B") == "abc.mp3"
    assert found("nothing", "a - b") == "deep/down/A - B.ogg"
    assert found("nothing", "A\u0308 - Ö") == "Ä - Ö/audio.mp3"
    assert found("two") is None
    assert found("x") is None


def test_of_several_files_the_lossless_one_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3", "sub/a.flac", "a.mp4")
    assert AudioIndex(tmp_path).find(["a"]) == tmp_path / "sub" / "a.flac"


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_duration(tmp_path: Path, suffix: str) -> None:
    assert probe(write_song(tmp_path / f"a{suffix}", chord(3.0))) == pytest.approx(3.0)


@pytest.mark.parametrize("suffix", [".flac", ".mp3"])
def test_a_truncated_file_is_an_error(tmp_path: Path, suffix: str) -> None:
    path = write_song(tmp_path / f"a{suffix}", np.random.default_rng(0).normal(0, 0.1, (400_000, 2)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"truncated: it ends after"):
        probe(path)


@pytest.mark.parametrize("data", [b"", b"no sound", b"RIFF\0\0\0\0WAVE"])
def test_a_file_that_is_not_audio_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(AudioError, match=r"a\.wav"):
        probe(tmp_path / "a.wav")
