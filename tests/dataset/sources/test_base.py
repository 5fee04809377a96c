"""Which files are songs, and which sound belongs to them."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
from pathlib import Path

import pytest
from helpers.data_sets import make_dali, make_jamendo
from helpers.sounds import chord, write_song

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.audio_files import AudioIndex
from lyricsrec.dataset.sources.base import DaliSource, JamendoSource, UltraStarSource, languages_of
from lyricsrec.formats.dali.entry import Timing

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
    source = UltraStarSource.open(folder)
    found = source.read(source.files()[0]).audio
    return found.name if found else None


def test_the_named_sound_file(tmp_path: Path) -> None:
    assert audio_of(ultrastar(tmp_path / "a", "#MP3:one.wav\n"), "one.wav", "two.wav") == "one.wav"
    assert audio_of(ultrastar(tmp_path / "b", "#AUDIO:two.wav\n#MP3:one.wav\n"), "one.wav", "two.wav") == "two.wav"


def test_a_song_whose_file_is_called_otherwise_takes_the_only_one_there(tmp_path: Path) -> None:
    assert audio_of(ultrastar(tmp_path / "a", "#MP3:gone.mp3\n"), "audio.wav") == "audio.wav"
    assert audio_of(ultrastar(tmp_path / "b"), "audio.wav", "other.wav") is None
    assert audio_of(ultrastar(tmp_path / "c"), "instrumental.wav") is None
    assert audio_of(ultrastar(tmp_path / "d"), "song [Karaoke].wav", "audio.wav") == "audio.wav"
    assert audio_of(ultrastar(tmp_path / "e", license_txt="CC BY", lyrics_txt="la"), "audio.wav") == "audio.wav"
    assert audio_of(ultrastar(tmp_path / "g", "#MP3:instrumental.wav\n"), "instrumental.wav") is None
    assert audio_of(ultrastar(tmp_path / "h", "#TITLE:T (Kar)\n#MP3:a.wav\n"), "a.wav") is None
    assert audio_of(ultrastar(tmp_path / "f", other_txt=SONG.format("")), "audio.wav") is None


def test_no_sound_from_outside_the_folder(tmp_path: Path) -> None:
    write_song(tmp_path / "secret.wav", chord(1.0))
    assert audio_of(ultrastar(tmp_path / "a", "#MP3:../secret.wav\n")) is None


def test_a_song_without_a_title_is_called_like_its_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("#ARTIST:A\n#TITLE:\n#BPM:100\n: 0 4 0 la\n")
    source = UltraStarSource.open(tmp_path)
    assert source.read(source.files()[0]).annotation.title == "x"


def test_dali_entries_and_what_lies_about_among_them(tmp_path: Path) -> None:
    folder, audio = make_dali(tmp_path, [{}, {}])
    shutil.copy(folder / "a2.json", folder / "a1.json")
    (folder / "dali_v1_metadata.json").write_text("{}")
    (folder / "gt_v1.0_22-11-18.gz").write_bytes(b"")
    (folder / "info").mkdir()
    rows = [["DALI_ID", "NAME", "YOUTUBE", "WORKING"], ["a1", "A - T", "xyz", False]]
    (folder / "info" / "DALI_DATA_INFO.gz").write_bytes(gzip.compress(pickle.dumps(rows, protocol=2)))
    source = DaliSource.open(folder, AudioIndex(audio), {"a2": Timing(60_000.0, 0.5)})
    assert [file.name for file in source.files()] == ["a1.gz", "a2.json"]
    first, second = map(source.read, source.files())
    assert first.audio == audio / "a1.wav"
    assert first.remark == "video xyz, said to be gone"
    assert first.annotation.words[0].start_s == 1.0
    assert second.annotation.is_ground_truth
    # The ground truth puts beat 0 half a second later.
    assert second.annotation.words[0].start_s == 1.5


def test_an_entry_without_sound_says_which_video_it_was(tmp_path: Path) -> None:
    folder, _ = make_dali(tmp_path, [{}, {"audio": False}])
    entry = json.loads((folder / "a2.json").read_text())
    entry["info"]["audio"] = {"url": "xyz", "working": True, "path": "None"}
    (folder / "a2.json").write_text(json.dumps(entry))
    source = DaliSource.open(folder, None, {})
    assert [source.read(file).remark for file in source.files()] == [None, "video xyz"]


def test_the_path_that_an_entry_itself_names(tmp_path: Path) -> None:
    folder, audio = make_dali(tmp_path, [{}, {}])
    (audio / "a2.wav").rename(folder / "mine.wav")
    entry = json.loads((folder / "a2.json").read_text())
    entry["info"]["audio"]["path"] = "mine.wav"
    (folder / "a2.json").write_text(json.dumps(entry))
    assert DaliSource.open(folder, None, {}).read(folder / "a2.json").audio == folder / "mine.wav"


def test_jamendo(tmp_path: Path) -> None:
    folder = make_jamendo(tmp_path)
    source = JamendoSource.open(folder)
    (file,) = source.files()
    assert source.read(file).audio is None
    write_song(folder / "mp3" / "Süß_-_Lied.mp3", chord(1.0))
    assert source.read(file).audio == folder / "mp3" / "Süß_-_Lied.mp3"


@pytest.mark.parametrize("source", [UltraStarSource, JamendoSource])
def test_folders_that_are_not_there(tmp_path: Path, source: type) -> None:
    with pytest.raises(DataError, match=r"no such folder|no JamendoLyrics\.csv"):
        source.open(tmp_path / "missing")
    with pytest.raises(DataError, match="no such folder"):
        DaliSource.open(tmp_path / "missing", None, {})


def test_languages() -> None:
    assert languages_of(["en", "German", "english"]) == ("english", "german")
    assert languages_of(["english", "ALL"]) == ()
