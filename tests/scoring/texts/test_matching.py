"""Files, folders and manifests of texts, and which belong together."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.data_sets import make_data

from lyricsrec.base.errors import DataError
from lyricsrec.scoring.texts.matching import Match, find_texts, match
from lyricsrec.scoring.texts.text import Texts

ULTRASTAR = "#TITLE:Song\n#ARTIST:Me\n#BPM:120\n#GAP:0\n: 0 4 0 ultra\n: 4 4 0  star\nE\n"


def files(folder: Path, *names: str, text: str = "la la\n") -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ULTRASTAR if "ultrastar" in name else text)
    folder.mkdir(exist_ok=True)
    return folder


def pairs(found: Match) -> dict[str, str | None]:
    return {entry.name: other.name if other else None for entry, other in found.pairs}


def matched(tmp_path: Path, references: list[str], hypotheses: list[str]) -> Match:
    return match(find_texts(files(tmp_path / "r", *references)), find_texts(files(tmp_path / "h", *hypotheses)))


def test_by_path_without_its_ending(tmp_path: Path) -> None:
    found = matched(tmp_path, ["cd1/a.txt", "cd2/a.txt", "b.lrc"], ["cd1/a.json", "cd2/a.txt", "c.txt"])
    assert pairs(found) == {"b": None, "cd1/a": "cd1/a", "cd2/a": "cd2/a"}
    assert (found.unmatched, found.ambiguous) == (("c",), ())


def test_by_bare_name_in_other_folders(tmp_path: Path) -> None:
    found = matched(tmp_path, ["rock/a.txt", "pop/b.txt", "c.txt"], ["x/a.lrc", "y/z/b.lrc", "y/d.lrc"])
    assert pairs(found) == {"rock/a": "x/a", "pop/b": "y/z/b", "c": None}
    assert found.unmatched == ("d",)


def test_names_shared_by_two_songs_are_left_out_and_reported(tmp_path: Path) -> None:
    found = matched(tmp_path, ["cd1/intro.txt", "cd2/intro.txt", "cd1/a.txt"], ["x/a.txt", "x/intro.txt"])
    assert pairs(found) == {"cd1/a": "x/a"}
    assert (found.unmatched, found.ambiguous) == (("intro",), ("cd1/intro", "cd2/intro"))
    twice = matched(tmp_path / "other", ["a.txt", "b.txt"], ["x/a.txt", "y/a.txt", "y/b.txt"])
    assert pairs(twice) == {"a": None, "b": "y/b"}


def test_by_folders_of_one_song_each(tmp_path: Path) -> None:
    songs = [f"{song}/{name}" for song in ("Me - One", "Me - Two") for name in ("ultrastar.txt", "license.txt")]
    found = matched(tmp_path, songs, ["Me - One/out.txt", "Me - Two/out.txt", "Me - Two/license.md"])
    assert pairs(found) == {"Me - One/ultrastar": "Me - One/out", "Me - Two/ultrastar": "Me - Two/out"}
    assert (found.unmatched, found.ambiguous) == ((), ())
    assert found.pairs[0][0].read().text == "ultra star"
    # Which of these is the song's is ambiguous.
    with pytest.raises(DataError):
        matched(tmp_path / "two", ["one/a.txt", "one/b.txt"], ["one/c.txt"])


def test_of_several_files_the_most_informative_one_is_read(tmp_path: Path) -> None:
    folder = files(tmp_path / "r", "b.txt")
    (folder / "a.txt").write_text("plain")
    (folder / "a.lrc").write_text("[00:01.00]timed")
    found = match(find_texts(folder), find_texts(files(tmp_path / "h", "a.txt", "b.txt")))
    assert [entry.read().text for entry, _ in found.pairs] == ["timed", "la la"]


def test_accents_are_the_same_however_they_are_stored(tmp_path: Path) -> None:
    name = "Süß é.txt"
    found = matched(tmp_path, [unicodedata.normalize("NFD", name), "x.txt"], [unicodedata.normalize("NFC", name)])
    assert pairs(found) == {"Süß é": "Süß é", "x": None}


def test_two_single_files_match_whatever_their_names(tmp_path: Path) -> None:
    folder = files(tmp_path, "right.lrc", "found.txt", text="[00:01.00]la la\n")
    found = match(find_texts(folder / "right.lrc"), find_texts(folder / "found.txt"))
    assert pairs(found) == {"right": "found"}
    assert found.pairs[0][0].read().title == "right"


def test_without_a_match_the_error_shows_names(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"h matches a song in .*r$") as error:
        matched(tmp_path, ["one.txt", "two.txt"], ["x.txt", "y.txt"])
    assert error.value.hint == "Give both the same names. A reference is called 'one', a hypothesis 'x'."


def test_hidden_files_and_other_kinds_are_not_seen(tmp_path: Path) -> None:
    folder = files(tmp_path / "r", ".git/a.txt", ".a.txt", "a.mp3", "b.md", "B.TXT", "c.feat. X.lrc")
    (folder / "folder.txt").mkdir()
    assert [entry.name for entry in find_texts(folder).entries] == ["B", "c.feat. X"]
    with pytest.raises(DataError, match="no lyrics in this folder"):
        find_texts(files(tmp_path / "empty", ".a.txt"))
    with pytest.raises(DataError, match="no such file"):
        find_texts(tmp_path / "missing")


def test_stdin_is_read_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"so far")))
    (entry,) = find_texts(Path("-")).entries
    assert [entry.read().text for _ in range(2)] == ["so far"] * 2


@pytest.mark.parametrize("naming", ["id", "title", "audio", "folder"])
def test_songs_of_a_manifest_by_each_of_their_names(tmp_path: Path, naming: str) -> None:
    data = make_data(tmp_path, [{}, {}])
    manifest = (data / "songs.jsonl").read_text()
    for number in (1, 2):
        manifest = manifest.replace(f"../audio/a{number}.wav", f"Folder {number}/sound{number}.mp3")
    (data / "songs.jsonl").write_text(manifest)
    names = {"id": "a1", "title": "Artist a1 - Title a1", "audio": "sound1", "folder": "Folder 1/transcript"}
    other = {"id": "x", "title": "x", "audio": "x", "folder": "x"}
    found = match(find_texts(data), find_texts(files(tmp_path / "h", f"{names[naming]}.txt", f"{other[naming]}.txt")))
    assert pairs(found) == {"a1": names[naming], "a2": None}
    assert found.pairs[0][0].song_id == "a1"
    assert found.pairs[0][0].read().text == "one two\nthree four"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, file names are Unicode")
def test_names_that_are_not_utf8_are_escaped(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.txt")
    found = matched(tmp_path, [name, "b.txt"], [name, "b.txt"])
    assert pairs(found) == {r"\udcff\udcfe": r"\udcff\udcfe", "b": "b"}
    assert found.pairs[0][0].read().title == r"\udcff\udcfe"


def test_empty_texts_do_not_match() -> None:
    with pytest.raises(DataError, match="no name in b"):
        match(Texts("a", ()), Texts("b", ()))


def test_single_files_in_folders_go_by_their_names(tmp_path: Path) -> None:
    for name in ("ref/x.txt", "hyp/y.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("one")
    with pytest.raises(DataError, match=r"no name in .*hyp matches a song in .*ref"):
        match(find_texts(tmp_path / "ref"), find_texts(tmp_path / "hyp"))


def test_files_of_every_format_are_found_in_folders(tmp_path: Path) -> None:
    for suffix in (".ass", ".ttml", ".tsv", ".csv", ".sbv", ".cho", ".TextGrid"):
        (tmp_path / f"song{suffix}").write_text("So far")
        (tmp_path / f"{suffix[1:]}{suffix}").write_text("So far")
    found = find_texts(tmp_path).called("name")
    assert set(found) == {"song", "ass", "ttml", "tsv", "csv", "sbv", "cho", "TextGrid"}
    # Word times first.
    assert found["song"].rank == find_texts(tmp_path / "TextGrid.TextGrid").entries[0].rank
