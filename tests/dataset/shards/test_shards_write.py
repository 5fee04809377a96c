"""Shards: the same bytes for the same input, all or nothing, continued after an interruption."""

from __future__ import annotations

import errno
import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from helpers.data_sets import make_data, make_small_shards

from lyricsrec.base.errors import DataError, OutputError, UsageError
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import chunk_from_dict, read_chunks, to_line
from lyricsrec.dataset.shards import write
from lyricsrec.dataset.shards.index import INDEX, parse_index, read_index, read_rows
from lyricsrec.dataset.shards.storage import open_store
from lyricsrec.dataset.shards.write import ShardConfig, make_shards


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight chunks in files of their own."""
    return make_data(tmp_path_factory.mktemp("data"), [{}] * 4, extract=True)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def members(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                file = tar.extractfile(member)
                assert file is not None
                yield member.name, file.read()


def test_every_chunk_is_in_one_shard_with_its_sound_and_row(data: Path, tmp_path: Path) -> None:
    index = make_small_shards(data, tmp_path)
    rows = {row.chunk_id: row for row in read_chunks(data / "train.jsonl")}
    assert [shard.chunks for shard in index.shards] == [3, 3, 2]
    assert (index.complete, index.left_out) == (True, ())
    assert [shard.end for shard in index.shards] == [3, 6, 8]
    found = dict(members(tmp_path))
    stored = [row for _, row in read_rows(open_store(str(tmp_path)), index.shards)]
    assert sorted(row.chunk_id for row in stored) == sorted(rows)
    assert [row.chunk_id for row in stored] != list(rows)
    for number, row in enumerate(stored):
        sound, plain = found[f"{number:08d}.flac"], json.loads(found[f"{number:08d}.json"])
        original = rows[row.chunk_id]
        assert sound == (data / original.audio).read_bytes()
        assert (row.text, row.duration_s, row.offset_s) == (original.text, original.end_s, original.offset_s)
        chunk = chunk_from_dict(plain)
        assert (chunk.audio, chunk.words) == (f"{number:08d}.flac", original.words)
    for shard in index.shards:
        tar = (tmp_path / shard.name).read_bytes()
        assert (len(tar), hashlib.sha256(tar).hexdigest()) == (shard.bytes, shard.sha256)
        assert len(tar) <= 110 << 10


def test_rows_say_where_the_sound_lies(data: Path, tmp_path: Path) -> None:
    index = make_small_shards(data, tmp_path)
    for number, row in read_rows(open_store(str(tmp_path)), index.shards):
        tar = (tmp_path / index.shards[number].name).read_bytes()
        assert tar[row.start : row.start + 4] == b"fLaC"
        assert tar[row.start + row.size - 1 :].strip(b"\0")


def test_the_same_input_gives_the_same_bytes_and_another_seed_another_order(data: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        make_small_shards(data, tmp_path / name, seed=seed)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    one, other = ([json.loads(row)["chunk_id"] for name, row in members(tmp_path / n) if "json" in name] for n in "ac")
    assert one != other
    assert sorted(one) == sorted(other)


def test_chunks_of_whole_songs_are_cut_out_and_muted(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}])
    first, *rest = read_chunks(data / "train.jsonl")
    muted = type(first)(**{**vars(first), "mute": ((first.start_s, first.start_s + 0.5),)})
    (data / "train.jsonl").write_text("".join(to_line(row.to_dict()) for row in (muted, *rest)))
    make_small_shards(data, tmp_path / "shards")
    found = dict(members(tmp_path / "shards"))
    plain = {name: json.loads(row) for name, row in found.items() if name.endswith("json")}
    (row,) = (row for row in plain.values() if row["chunk_id"] == first.chunk_id)
    assert (row["start_s"], row["offset_s"], row["mute"]) == (0.0, first.start_s, [])
    assert row["words"][0]["start_s"] == round(first.words[0].start_s - first.start_s, 3)
    (tmp_path / "own.flac").write_bytes(found[row["audio"]])
    samples, rate = soundfile.read(tmp_path / "own.flac")
    expected = read_chunk(muted, data).samples
    assert rate == 44_100
    assert not samples[: rate // 4].any()
    assert np.abs(samples.T - expected).max() <= 1 / (1 << 15)


def test_shards_are_never_overwritten(data: Path, tmp_path: Path) -> None:
    make_small_shards(data, tmp_path / "a")
    before = content(tmp_path / "a")
    with pytest.raises(UsageError, match="already contains shards"):
        make_small_shards(data, tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "other.tar").write_bytes(b"mine")
    with pytest.raises(UsageError, match="contains other tar files"):
        make_small_shards(data, tmp_path / "b")
    assert content(tmp_path / "a") == before
    assert content(tmp_path / "b") == {"other.tar": b"mine"}


@pytest.mark.parametrize("published", [0, 1, 2])
def test_a_full_disk_leaves_whole_shards_and_the_same_command_goes_on(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: int
) -> None:
    make_small_shards(data, tmp_path / "whole")
    real = write._add
    count = iter(range(99))

    def add(tar: tarfile.TarFile, chunk: write._Chunk) -> object:
        if next(count) == 3 * published + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(tar, chunk)

    folder = tmp_path / "shards"
    with monkeypatch.context() as full:
        full.setattr(write, "_add", add)
        with pytest.raises(OutputError, match="No space left") as caught:
            make_small_shards(data, folder)
    assert "run it again to continue" in str(caught.value.hint)
    whole = content(tmp_path / "whole")
    left = content(folder)
    assert len([name for name in left if name.endswith(".tar")]) == published
    assert all(left[name] == whole[name] for name in left if name != INDEX)
    if published:
        with pytest.raises(DataError, match="not finished"):
            read_index(open_store(str(folder)))
        with pytest.raises(UsageError, match="unfinished shards of other data or settings"):
            make_small_shards(data, folder, seed=7)
    make_small_shards(data, folder)
    assert content(folder) == whole


def test_a_shard_that_vanished_before_the_rest_was_written_is_made_again(data: Path, tmp_path: Path) -> None:
    make_small_shards(data, tmp_path / "whole")
    make_small_shards(data, tmp_path / "shards")
    path = tmp_path / "shards" / INDEX
    path.write_text(path.read_text().replace('"complete": true', '"complete": false'))
    (tmp_path / "shards" / "train-00001.tar").write_bytes(b"half")
    make_small_shards(data, tmp_path / "shards")
    assert content(tmp_path / "shards") == content(tmp_path / "whole")


def test_chunks_that_cannot_be_read_are_left_out_and_named(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}] * 2, extract=True)
    first, *others = read_chunks(data / "train.jsonl")
    (data / first.audio).write_bytes(b"fLaC, no longer")
    index = make_small_shards(data, tmp_path / "shards")
    assert index.left_out == (first.chunk_id,)
    assert sum(shard.chunks for shard in index.shards) == len(others) == 3
    for row in others:
        (data / row.audio).unlink()
    with pytest.raises(DataError, match="none of its chunks can be read"):
        make_small_shards(data, tmp_path / "none")


@pytest.mark.slow
def test_several_processes_write_the_same(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small_shards(data, tmp_path / "one")
    monkeypatch.setattr(write, "MIB", 1 << 10)
    monkeypatch.setattr(write, "_BATCH", 2)
    make_shards(data, tmp_path / "two", ShardConfig(("train",), 100), workers=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_what_is_no_split_to_learn_from_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such manifest"):
        make_small_shards(data, tmp_path / "a", splits=("extra",))
    with pytest.raises(DataError, match="no model may learn from"):
        make_small_shards(data, tmp_path / "a", splits=("test",))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "its schema is 2, not 1"),
        ({"shards": [{"name": "../../x-00000.tar"}]}, "shards"),
        ({"complete": "perhaps"}, "complete"),
    ],
)
def test_an_index_of_others_is_checked(data: Path, tmp_path: Path, change: dict[str, object], message: str) -> None:
    make_small_shards(data, tmp_path)
    plain = json.loads((tmp_path / INDEX).read_text())
    with pytest.raises(DataError, match=message):
        parse_index(json.dumps({**plain, **change}).encode(), "index")


def test_damaged_rows_are_named(data: Path, tmp_path: Path) -> None:
    index = make_small_shards(data, tmp_path)
    rows = tmp_path / "train-00001.jsonl"
    rows.write_bytes(rows.read_bytes().replace(b"ONE", b"TWO"))
    with pytest.raises(DataError, match=r"train-00001\.jsonl: damaged"):
        list(read_rows(open_store(str(tmp_path)), index.shards))


def test_webdataset_reads_them(data: Path, tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    make_small_shards(data, tmp_path)
    urls = [str(path) for path in sorted(tmp_path.glob("*.tar"))]
    samples = list(webdataset.WebDataset(urls, shardshuffle=False))
    assert len(samples) == 8
    assert all(sample["flac"][:4] == b"fLaC" and json.loads(sample["json"])["text"] for sample in samples)
