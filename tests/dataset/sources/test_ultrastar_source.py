"""UltraStar folders: which files are songs, and which audio belongs to them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.preparation.prepare import prepare
from lyricsrec.dataset.preparation.settings import DatasetConfig, SplitConfig
from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.ultrastar import UltraStarSource

SONG = "#TITLE:T\n#ARTIST:A\n#BPM:100\n{}: 0 4 0 la\nE\n"


def ultrastar(folder: Path, tags: str = "", **files: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "song.txt").write_text(SONG.format(tags))
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def audio_of(folder: Path, *sounds: str) -> str | None:
    for sound in sounds:
        write_song(folder / sound, chord(1.0))
    source = UltraStarSource.open(SourcePaths(folder))
    found = source.read(source.files()[0]).audio
    return found.name if found else None


def test_the_audio_file_named_in_the_song(tmp_path: Path) -> None:
    assert audio_of(ultrastar(tmp_path / "a", "#MP3:one.wav\n"), "one.wav", "two.wav") == "one.wav"
    assert audio_of(ultrastar(tmp_path / "b", "#AUDIO:two.wav\n#MP3:one.wav\n"), "one.wav", "two.wav") == "two.wav"


def test_the_only_audio_file_is_taken_if_the_named_one_is_missing(tmp_path: Path) -> None:
    assert audio_of(ultrastar(tmp_path / "a", "#MP3:gone.mp3\n"), "audio.wav") == "audio.wav"
    assert audio_of(ultrastar(tmp_path / "b"), "audio.wav", "other.wav") is None
    assert audio_of(ultrastar(tmp_path / "c"), "instrumental.wav") is None
    assert audio_of(ultrastar(tmp_path / "d"), "song [Karaoke].wav", "audio.wav") == "audio.wav"
    assert audio_of(ultrastar(tmp_path / "e", license_txt="CC BY", lyrics_txt="la"), "audio.wav") == "audio.wav"
    assert audio_of(ultrastar(tmp_path / "g", "#MP3:instrumental.wav\n"), "instrumental.wav") is None
    assert audio_of(ultrastar(tmp_path / "h", "#TITLE:T (Kar)\n#MP3:a.wav\n"), "a.wav") is None
    assert audio_of(ultrastar(tmp_path / "f", other_txt=SONG.format("")), "audio.wav") is None


def test_audio_outside_the_folder_is_ignored(tmp_path: Path) -> None:
    write_song(tmp_path / "secret.wav", chord(1.0))
    assert audio_of(ultrastar(tmp_path / "a", "#MP3:../secret.wav\n")) is None


def test_a_song_without_a_title_takes_the_file_name(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("#ARTIST:A\n#TITLE:\n#BPM:100\n: 0 4 0 la\n")
    source = UltraStarSource.open(SourcePaths(tmp_path))
    assert source.read(source.files()[0]).annotation.title == "x"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        UltraStarSource.open(SourcePaths(tmp_path / "missing"))


@pytest.mark.parametrize(
    ("named", "file"),
    [
        ("The band - Song.WAV", "The Band - Song.wav"),
        ("Fu\u0308r Elo\u0308ise.wav", "F\u00fcr El\u00f6ise.wav"),
        ("F\u00fcr Elise.wav", "Fu\u0308r Elise.wav"),
        (".\\one.wav", "one.wav"),
        ("./one.wav", "one.wav"),
        ("C:\\Songs\\Band\\One.wav", "one.wav"),
        ("/music/me/one.wav", "one.wav"),
        ("one.mp3", "one.wav"),
    ],
)
def test_names_as_people_write_them(tmp_path: Path, named: str, file: str) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "song.txt").write_text(SONG.format(f"#MP3:{named}\n"), "utf-8")
    assert audio_of(folder, "other.wav", file) == file


def test_names_in_folders(tmp_path: Path) -> None:
    folder = ultrastar(tmp_path / "a", "#MP3:sound\\ONE.wav\n")
    (folder / "Sound").mkdir()
    assert audio_of(folder, "two.wav", "Sound/one.wav", "three.wav") == "one.wav"
    lost = ultrastar(tmp_path / "b", "#MP3:gone\\one.wav\n")
    assert audio_of(lost, "two.wav", "three.wav") is None
    assert audio_of(ultrastar(tmp_path / "c", "#MP3:.\n"), "two.wav", "three.wav") is None


def test_rows_that_are_not_read_are_in_the_report(tmp_path: Path) -> None:
    folder = ultrastar(tmp_path / "songs" / "a", "so far\n")
    write_song(folder / "one.wav", chord(3.0))
    source = UltraStarSource.open(SourcePaths(tmp_path / "songs"))
    config = DatasetConfig(split=SplitConfig("random", ncc=0.0))
    report = prepare(source, tmp_path / "out", config, workers=1)
    problem = "row 4: not understood, skipped: 'so far'"
    assert report.problems == {"a/song.txt": (problem,)}
    assert json.loads(report.to_json())["problems"] == {"a/song.txt": [problem]}


@pytest.mark.parametrize(
    ("text", "is_song"),
    [
        (f"Made by a fan, {'who ' * 40}likes it\n{SONG.format('')}".encode(), True),
        (SONG.format("").encode("utf-16"), True),
        (SONG.format("").encode("utf-8-sig"), True),
        (b"A text about #TITLE: and others\n", False),
        (b"lyrics", False),
    ],
)
def test_which_texts_are_songs(tmp_path: Path, text: bytes, is_song: bool) -> None:
    (tmp_path / "x.txt").write_bytes(text)
    assert len(UltraStarSource.open(SourcePaths(tmp_path)).files()) == is_song
