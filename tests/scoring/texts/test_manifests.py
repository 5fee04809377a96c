"""References of data sets: whole songs and chunks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.data_sets import make_data

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.preparation.settings import SplitConfig
from lyricsrec.scoring.texts.manifests import entries_of, find_split
from lyricsrec.scoring.texts.matching import find_texts


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_data(tmp_path, [{"language": "english"}, {}])


def change(path: Path, number: int, **fields: object) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    rows[number].update(fields)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_long_is_whole_songs(data: Path) -> None:
    texts = find_split(data, "train", "long")
    assert texts.name.endswith("data, train")
    first = texts.entries[0]
    assert (first.name, first.song_id, first.start_s, first.is_part) == ("a1", "a1", 0.0, False)
    sung = first.read()
    assert (sung.text, sung.title, sung.language) == ("one two\nthree four", "Artist a1 - Title a1", "english")
    assert sung.duration_s == pytest.approx(12.0)
    assert [word.start_s for line in sung.lines for word in line.words] == [1.0, 2.0, 8.0, 9.0]
    assert first.sound is not None
    assert first.sound.path.resolve().name == "a1.wav"


def test_short_is_chunks_in_the_time_of_the_song(data: Path) -> None:
    entries = find_split(data, "train", "short").entries
    assert [entry.song_id for entry in entries] == ["a1", "a1", "a2", "a2"]
    assert all(entry.is_part and entry.sound is not None for entry in entries)
    second = entries[1]
    sung = second.read()
    assert (sung.text, sung.title, sung.language) == ("THREE FOUR", "Artist a1 - Title a1", "english")
    # Its times count from its start, which is one in the song.
    assert [word.start_s + second.start_s for word in sung.lines[0].words] == pytest.approx([8.0, 9.0])
    assert sung.duration_s == pytest.approx(1.9, abs=0.1)


def test_a_chunk_without_word_times_has_its_text(data: Path) -> None:
    change(data / "train.jsonl", 0, words=[], text="ONE TWO")
    (first, *_) = entries_of(data / "train.jsonl")
    assert (first.read().text, first.read().lines[0].start_s) == ("ONE TWO", None)


def test_chunks_in_files_of_their_own_have_times_of_the_song(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}], extract=True)
    entries = find_split(data, "train", "short").entries
    sung = entries[1].read()
    assert [word.start_s + entries[1].start_s for word in sung.lines[0].words] == pytest.approx([8.0, 9.0])


def test_all_is_every_split(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{} for _ in range(4)], SplitConfig("random", ratios=(0.5, 0.25, 0.25)))
    for protocol, number in (("long", 1), ("short", 2)):
        sizes = [
            len(find_split(data, split, protocol).entries)  # type: ignore[arg-type]
            for split in ("train", "validation", "test", "all")
        ]
        assert sizes == [2 * number, number, number, 4 * number]


def test_one_manifest_is_taken_whole(data: Path) -> None:
    assert len(find_split(data / "train.jsonl", "test", "long").entries) == 4
    assert len(find_texts(data / "train.jsonl").entries) == 4
    assert len(find_texts(data).entries) == 2


def test_empty_splits_and_missing_manifests(data: Path) -> None:
    with pytest.raises(DataError, match=": no songs"):
        find_split(data, "test", "long")
    with pytest.raises(DataError, match="cannot be read"):
        find_split(data.parent / "missing.jsonl", "test", "long")


@pytest.mark.parametrize(("name", "twice"), [("songs.jsonl", {"song_id": "a1"}), ("train.jsonl", {})])
def test_an_id_that_occurs_twice_is_named(data: Path, name: str, twice: dict[str, str]) -> None:
    first = json.loads((data / name).read_text().splitlines()[0])
    twice = twice or {"chunk_id": first["chunk_id"]}
    change(data / name, 1, **twice)
    with pytest.raises(DataError, match=f"{name}: '{next(iter(twice.values()))}' occurs twice"):
        find_texts(data / name)


@pytest.mark.parametrize(
    "text", ["no json", "[]\n", '{"schema": 9}\n', '{"schema": 1}\n', '{"schema": 1, "chunk_id": 1}\n']
)
def test_another_file_is_no_manifest(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(text)
    with pytest.raises(DataError, match=r"rows\.jsonl"):
        find_texts(path)
