"""Folders, globs and lists become songs; what is of no use is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.catalogue.index import Index
from lyricsrec.catalogue.songs import Shard, Songs, recall, remember, songs_of
from lyricsrec.catalogue.sources.entry import Entry
from lyricsrec.catalogue.sources.find import find_entries
from lyricsrec.catalogue.store.folder import make_setup
from lyricsrec.catalogue.store.heartbeat import Heartbeat


def files(folder: Path, **contents: str) -> Path:
    for name, content in contents.items():
        (folder / name.replace("_", ".")).write_text(content)
    return folder


def found(folder: Path, entries: list[Entry], *, with_lyrics: bool = False) -> Songs:
    with Heartbeat(folder / "out" / "processes", 2.0) as heartbeat:
        contents = Index(folder / "out", heartbeat).contents_of(entries)
    return songs_of(entries, contents, with_lyrics=with_lyrics)


def test_lists_of_all_kinds_name_songs_relative_to_themselves(tmp_path: Path) -> None:
    files(tmp_path, a_txt="1.wav\n\n2.wav\n", b_csv='song,lyrics\n1.wav,"la\nla"\n', c_jsonl='{"path": "3.wav"}\n')
    entries = find_entries([str(tmp_path / name) for name in ("a.txt", "b.csv", "c.jsonl")])
    at = str(tmp_path) + os.sep
    assert entries == [
        Entry(f"{at}1.wav"),
        Entry(f"{at}2.wav"),
        Entry(f"{at}1.wav", lyrics="la\nla"),
        Entry(f"{at}3.wav"),
    ]


@pytest.mark.parametrize(("name", "text"), [("a.csv", "title\nx\n"), ("a.jsonl", "[1]\n"), ("a.jsonl", "{}\n")])
def test_a_list_without_songs_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=name):
        find_entries([str(tmp_path / name)])


def test_no_song_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no songs"):
        find_entries([str(tmp_path)])


def test_equal_songs_are_one_job_and_unreadable_ones_are_named(tmp_path: Path) -> None:
    files(tmp_path, a_wav="same", b_wav="same", c_wav="other")
    os.mkfifo(tmp_path / "d.wav")
    paths = [str(tmp_path / f"{name}.wav") for name in "abcde"]
    songs = found(tmp_path, [Entry(path) for path in [*paths, "nul\0.wav"]])
    assert [(job.path, job.copies) for job in songs.jobs] == [(paths[0], (paths[1],)), (paths[2], ())]
    assert songs.unreadable == {
        paths[3]: "a FIFO, not a regular file",
        paths[4]: "no such file",
        "nul\0.wav": "not a path: it has a character that paths cannot have",
    }


def test_a_song_with_other_lyrics_is_another_job_and_is_recalled(tmp_path: Path) -> None:
    path = str(files(tmp_path, a_wav="same") / "a.wav")
    songs = found(tmp_path, [Entry(path, lyrics=lyrics) for lyrics in ("la", "lo", None)], with_lyrics=True)
    setup = make_setup(tmp_path / "out", "align", {}, {})
    remember(setup, songs)
    assert len({job.key for job in songs.jobs}) == 3
    assert recall(setup) == songs


def test_a_changed_song_gets_another_key(tmp_path: Path) -> None:
    path = files(tmp_path, a_wav="one") / "a.wav"
    first = found(tmp_path, [Entry(str(path))]).jobs[0].key
    path.write_text("another")
    assert found(tmp_path, [Entry(str(path))]).jobs[0].key != first


def test_every_song_is_in_one_shard(tmp_path: Path) -> None:
    files(tmp_path, **{f"{number}_wav": str(number) for number in range(20)})
    songs = found(tmp_path, find_entries([str(tmp_path)]))
    parts = [job.key for number in (1, 2, 3) for job in songs.shard(Shard(number, 3)).jobs]
    assert sorted(parts) == sorted(job.key for job in songs.jobs)
