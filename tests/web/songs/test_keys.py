"""Stems in another key: made once, limited in number and size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lyricsrec.web.jobs.folder import JobFolder, new_id
from lyricsrec.web.songs import keys
from lyricsrec.web.songs.keys import find_shifted, make_shifted


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that were made, each as a file of 100 bytes that is a second newer than the last."""
    made: list[str] = []

    def run(_module: str, arguments: list[str], _limits: object) -> dict[str, bool]:
        _, path, semitones, tempo = arguments
        made.append(f"{semitones} {tempo}")
        Path(path).write_bytes(bytes(100))
        os.utime(path, (len(made), len(made)))
        return {"made": True}

    monkeypatch.setattr(keys, "run_limited", run)
    return made


def folder(root: Path) -> JobFolder:
    folder = JobFolder(root, new_id())
    folder.make()
    return folder


def make(folder: JobFolder, *semitones: int) -> None:
    for each in semitones:
        make_shifted(folder, "vocals", semitones=each, tempo=100, duration_s=10.0)


def kept(folder: JobFolder) -> list[int]:
    return sorted(int(path.name.split(".")[2]) for path in folder.all_shifted())


def test_a_key_is_made_once(tmp_path: Path, made: list[str]) -> None:
    song = folder(tmp_path)
    assert find_shifted(song, "vocals", semitones=-1, tempo=100) is None
    make(song, -1, -1)
    assert made == ["-1 100"]
    assert find_shifted(song, "vocals", semitones=-1, tempo=100) == song.shifted("vocals", -1, 100)
    assert find_shifted(song, "instrumental", semitones=-1, tempo=100) is None


def test_the_key_that_was_not_used_for_longest_goes(tmp_path: Path, made: list[str]) -> None:
    song = folder(tmp_path)
    make(song, 1, 2, 3, 4, 5, 6)
    find_shifted(song, "vocals", semitones=1, tempo=100)
    make(song, -1)
    assert kept(song) == [-1, 1, 3, 4, 5, 6]
    assert made[-1] == "-1 100"


def test_all_songs_together_have_limited_space(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "KEEP_GIB", 350 / (1 << 30))
    one, other = folder(tmp_path), folder(tmp_path)
    make(one, 1, 2)
    make(other, 1, 2)
    assert (kept(one), kept(other)) == ([2], [1, 2])
    assert len(made) == 4
