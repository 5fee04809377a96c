"""The files of a job, in a folder named after its id."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from lyricsrec.separation.base import STEMS
from lyricsrec.web.jobs.folder import JobFolder, folders, is_id, new_id


def test_ids_are_random_and_well_formed() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(is_id(id) for id in ids)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "../../../../etc/passwd", "a" * 21, "a" * 23, "a" * 21 + "/", "a" * 22 + "\n"]
)
def test_a_malformed_id_names_no_folder(tmp_path: Path, text: str) -> None:
    assert not is_id(text)
    with pytest.raises(ValueError, match="not a job id"):
        JobFolder(tmp_path, text)


def test_files_and_their_sizes(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path, new_id())
    assert (folder.song, folder.size_bytes(), folder.changed_at(), folder.stems_found) == (None, 0, 0.0, [])
    folder.make()
    song = folder.song_with_suffix(".mp3")
    song.write_bytes(b"12345")
    folder.stem("vocals").write_bytes(b"123")
    folder.stem("instrumental").write_bytes(b"12")
    os.utime(folder.path, (1.0, 1.0))
    assert (folder.song, folder.size_bytes(), folder.stems_found) == (song, 10, ["vocals", "instrumental"])
    assert folder.changed_at() == max(path.stat().st_mtime for path in folder.path.iterdir())
    assert song == tmp_path / "jobs" / folder.id / "song.mp3"
    assert [folder.stem(stem).name for stem in STEMS] == ["stems.vocals.flac", "stems.instrumental.flac"]
    folder.stem("instrumental").rename(folder.path / "stems.accompaniment.flac")
    assert folder.stem("instrumental").name == "stems.accompaniment.flac"
    assert folders(tmp_path) == [folder]
    folder.remove()
    folder.remove()
    assert folders(tmp_path) == []


@pytest.mark.parametrize("suffix", ["", "mp3", "./../x", ".mp3/x", ".MP3", ".toolong"])
def test_a_song_needs_a_well_formed_suffix(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ValueError, match="not a file suffix"):
        JobFolder(tmp_path, new_id()).song_with_suffix(suffix)


def test_other_files_among_the_jobs_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "jobs" / "something").mkdir(parents=True)
    assert folders(tmp_path) == []


def test_a_folder_may_vanish_while_it_is_read(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path, new_id())
    done = threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            folder.make()
            folder.song_with_suffix(".mp3").write_bytes(b"12345")
            folder.remove()

    other = threading.Thread(target=come_and_go)
    other.start()
    try:
        for _ in range(2000):
            assert folder.size_bytes() in (0, 5)
            assert folder.changed_at() >= 0
            assert folder.song in (None, folder.song_with_suffix(".mp3"))
    finally:
        done.set()
        other.join()
