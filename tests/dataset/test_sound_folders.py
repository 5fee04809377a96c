"""Where the sounds of a data set may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import AudioError
from lyricsrec.dataset.sound_folders import remember_sounds, sound_path


def test_sounds_in_the_folder_need_no_permission(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert sound_path(data, "audio/a.flac") == data / "audio/a.flac"
    assert sound_path(data, "x/../a.flac") == data / "x/../a.flac"


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../songs/a.flac", "/dev/zero", "link/passwd", "../../../x", ".", ".."]
)
def test_paths_that_lead_out_are_refused_with_a_hint(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "link").symlink_to("/etc")
    with pytest.raises(AudioError, match="outside the folder of the manifest") as caught:
        sound_path(data, name)
    assert "--audio" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_impossible_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudioError, match="not a possible file name"):
        sound_path(tmp_path, name)


def test_folders_of_the_user_are_remembered_for_one_data_set(tmp_path: Path) -> None:
    data, songs = tmp_path / "data", tmp_path / "songs"
    remember_sounds(data, [songs / "albums", data / "audio"])
    assert sound_path(data, "../songs/albums/one/a.flac") == data / "../songs/albums/one/a.flac"
    for folder, name in ((data, "../songs/b.flac"), (tmp_path / "other", "../songs/albums/a.flac")):
        with pytest.raises(AudioError, match="outside"):
            sound_path(folder, name)
    remember_sounds(data, [songs])
    assert sound_path(data, "../songs/b.flac") == data / "../songs/b.flac"
    assert sound_path(data, str(songs / "albums/a.flac")) == songs / "albums/a.flac"
