"""Training from shards: each chunk once an epoch over all processes, near its neighbours, wherever the run goes on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import numpy as np
import pytest
import torch
from helpers.data_sets import make_data, make_small_shards
from helpers.tiny_models import LETTERS
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.base.errors import DataError
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import Batch, ChunkExamples
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.position import Batching, Leg, Position
from lyricsrec.training.data.sets import Draws, durations_of, fingerprint, letters_of, read_rows
from lyricsrec.training.data.shards import ShardRows, Shelves
from lyricsrec.training.data.source import JoinedRows, SetChunk
from lyricsrec.training.settings import AugmentConfig, DataConfig, SetConfig

ENCODER = LabelEncoder(Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2)))
SETS = st.lists(
    st.tuples(st.lists(st.integers(1, 9), max_size=8), st.integers(0, 20), st.sampled_from([0.5, 1.0, 2.0])), min_size=1
).filter(lambda sets: sum(sum(shards) + loose for shards, loose, _ in sets) > 9)
"""Of each set the number of chunks in its shards, or of a loose one where there are no shards, and its weight."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight chunks in files of their own."""
    return make_data(tmp_path_factory.mktemp("data"), [{}] * 4, extract=True)


@pytest.fixture(scope="module")
def shards(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chunks in three shards."""
    folder = tmp_path_factory.mktemp("shards")
    make_small_shards(data, folder)
    return folder


@pytest.fixture
def memory(shards: Path) -> Iterator[str]:
    files = fsspec.filesystem("memory")
    for path in shards.iterdir():
        files.pipe(f"/bucket/shards/{path.name}", path.read_bytes())
    yield "memory://bucket/shards"
    files.rm("/bucket", recursive=True)


def read(*places: Path | str) -> tuple[list[SetChunk], ChunkExamples]:
    sets = tuple(SetConfig(url=place) if isinstance(place, str) else SetConfig(place) for place in places)
    rows, _ = read_rows(DataConfig(sets=sets), "train", ENCODER)
    return rows, ChunkExamples(rows, ENCODER, augment=Augmentation(AugmentConfig()), seed=5)  # type: ignore[return-value]


def plan_of(rows: list[SetChunk], num_processes: int = 1, batch_s: float = 4.0) -> BatchPlan:
    return BatchPlan(
        durations_of(rows), batch_s, 1, seed=0, num_processes=num_processes, shelves=Shelves.of(rows), shard_buffer=2
    )


def made(sets: list[tuple[list[int], int, float]], num_processes: int = 1, buffer: int = 3) -> BatchPlan:
    """The plan of sets with so many chunks in shards, or in none."""
    sizes = [sum(shards) or loose for shards, loose, _ in sets]
    numbers = [np.repeat(np.arange(len(s)), s) if sum(s) else np.full(loose, -1) for s, loose, _ in sets]
    shelves = Shelves(np.repeat(np.arange(len(sets)), sizes), np.concatenate(numbers))
    draws = Draws([(size, weight) for size, (_, _, weight) in zip(sizes, sets, strict=True) if size], 4)
    durations = [1.0 + i % 7 for i in range(sum(sizes))]
    return BatchPlan(
        durations, 9.0, 2, seed=4, num_processes=num_processes, draws=draws, shelves=shelves, shard_buffer=buffer
    )


def seen(batches: list[list[list[int]]]) -> Counter[int]:
    return Counter(index for batch in batches for dealt in batch for index in dealt)


@settings(deadline=None, max_examples=60)
@given(SETS, st.integers(1, 4), st.integers(1, 9), st.integers(0, 3))
def test_every_drawn_chunk_comes_once_also_with_fewer_shards_than_processes(
    sets: list[tuple[list[int], int, float]], num_processes: int, buffer: int, epoch: int
) -> None:
    plan = made(sets, num_processes, buffer)
    assert plan.draws is not None
    batches = plan.epoch(epoch)
    assert seen(batches) == Counter(plan.draws.epoch(epoch))
    assert all(len(batch) == num_processes and all(batch) for batch in batches)


@settings(deadline=None, max_examples=60)
@given(SETS, st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 9)), max_size=3))
def test_an_epoch_that_goes_on_with_other_processes_or_buffers_has_every_chunk_once(
    sets: list[tuple[list[int], int, float]], legs: list[tuple[int, int, int]]
) -> None:
    position, found = Position(10, 2, 0), Counter[int]()
    for num_processes, buffer, count in legs:
        plan = made(sets, num_processes, buffer)
        batches = plan.epoch(2, position.earlier)[:count]
        found += seen(batches)
        position = position.after_step(len(batches)).with_batches(plan.batching, Batching(99.0, 1, 9))
    last = made(sets)
    found += seen(last.epoch(2, position.earlier))
    assert last.draws is not None
    assert found == Counter(last.draws.epoch(2))


def test_a_buffer_reads_few_shards_at_a_time_and_goes_through_all() -> None:
    plan = made([([20] * 40, 0, 1.0), ([10] * 40, 0, 1.0), ([], 100, 1.0)])
    assert plan.shelves is not None
    order = plan.shelves.order(range(1300), 4, "seed")
    assert sorted(order) == list(range(1300))
    shard_of = [int(shard) for shard in plan.shelves.shards]
    for set_number, chunks in ((0, 800), (1, 400)):
        own = [index for index in order if plan.shelves.sets[index] == set_number]
        size = chunks // 10
        windows = [{shard_of[index] for index in own[i : i + size]} for i in range(0, chunks, size)]
        assert [len(window) for window in windows] == [4] * 10
        assert len(set.union(*windows)) == 40
    # Sets are mixed evenly.
    for first in range(0, 1300, 130):
        assert np.bincount(plan.shelves.sets[order[first : first + 130]]).tolist() == pytest.approx(
            [80, 40, 10], abs=14
        )
    assert order != plan.shelves.order(range(1300), 4, "another seed")


def test_repeats_of_a_chunk_come_in_another_round() -> None:
    plan = made([([5] * 8, 0, 2.0)], buffer=2)
    assert plan.draws is not None
    assert plan.shelves is not None
    order = plan.shelves.order(plan.draws.epoch(0), 2, "seed")
    assert sorted(order[:40]) == list(range(40))
    assert sorted(order[40:]) == list(range(40, 80))


def test_what_is_left_of_an_epoch_keeps_its_order_of_shards() -> None:
    plan = made([([6] * 12, 0, 1.0)])
    assert plan.shelves is not None
    whole = plan.shelves.order(range(72), 1, "seed")
    rest = plan.shelves.order(sorted(whole[24:]), 1, "seed")
    assert list(dict.fromkeys(int(plan.shelves.shards[i]) for i in rest)) == list(
        dict.fromkeys(int(plan.shelves.shards[i]) for i in whole[24:])
    )


def test_shards_hold_what_the_data_set_holds(data: Path, shards: Path, memory: str) -> None:
    loose, loose_examples = read(data)
    assert isinstance(loose, list)
    for place in (shards, memory):
        rows, examples = read(place)
        assert isinstance(rows, ShardRows)
        assert Counter(row.chunk_id for row in rows) == Counter(row.chunk_id for row in loose)
        by_id = {row.chunk_id: i for i, row in enumerate(rows)}
        examples._augment = loose_examples._augment = None
        for i, row in enumerate(loose):
            one, other = examples[0, by_id[row.chunk_id]], loose_examples[0, i]
            assert torch.equal(one.audio, other.audio)
            assert torch.equal(one.labels, other.labels)
            assert (one.row.text, one.row.offset_s) == (row.text, row.offset_s)
        assert letters_of(DataConfig(sets=(_set(place),)), ["train"]) == "EFHNORTUW"
    assert Shelves.of(loose) is None
    assert plan_of(loose).batching == Batching(4.0, 1, 1)


def _set(place: Path | str) -> SetConfig:
    return SetConfig(url=place) if isinstance(place, str) else SetConfig(place)


def test_rows_are_those_of_one_list(data: Path, shards: Path) -> None:
    rows, _ = read(shards, data)
    assert isinstance(rows, JoinedRows)
    listed = list(rows)
    assert (len(rows), len(listed)) == (16, 16)
    assert [rows[i] for i in (0, 7, 8, -1, -16)] == [listed[i] for i in (0, 7, 8, 15, 0)]
    assert rows[6:10] == listed[6:10]
    assert list(durations_of(rows)) == [row.duration_s for row in listed]
    assert fingerprint(rows) == fingerprint(listed)
    assert Draws.of(rows, 0) == Draws.of(listed, 0)
    with pytest.raises(IndexError):
        rows[16]
    first = rows.parts[0]
    assert list(first[2:5]) == listed[2:5]


def is_same(one: Batch, other: Batch) -> bool:
    names = ("audio", "num_samples", "labels", "num_labels")
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in names) and one.rows == other.rows


def test_a_resumed_epoch_goes_on_with_the_same_bytes(memory: str, data: Path) -> None:
    rows, examples = read(memory, data)
    whole = list(loader(examples, plan_of(rows), 0, position=Position(epoch=1)))
    resumed = list(loader(examples, plan_of(rows), 0, position=Position(epoch=1, batch=3)))
    assert len(whole) == len(resumed) + 3
    assert all(map(is_same, whole[3:], resumed))
    # And on two processes: all chunks that are left, once.
    earlier = (Leg(plan_of(rows).batching, 3),)
    rest = [
        row.unique_id
        for rank in (0, 1)
        for batch in loader(examples, plan_of(rows, 2), 0, rank=rank, position=Position(epoch=1, earlier=earlier))
        for row in batch.rows
    ]
    assert sorted(rest) == sorted(row.unique_id for batch in resumed for row in batch.rows)


@pytest.mark.parametrize("harm", ["cut", "flipped", "gone"])
def test_a_damaged_shard_is_named_and_counted(shards: Path, tmp_path: Path, harm: str) -> None:
    for path in shards.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    tar = tmp_path / "train-00001.tar"
    content = bytearray(tar.read_bytes())
    content[40_000] ^= 1
    harms = {
        "cut": lambda: tar.write_bytes(content[:1000]),
        "flipped": lambda: tar.write_bytes(content),
        "gone": tar.unlink,
    }
    harms[harm]()
    rows, examples = read(tmp_path)
    batches = list(loader(examples, plan_of(rows), 2, position=Position()))
    assert sum(len(batch.rows) for batch in batches) == 8
    assert sum(batch.num_unreadable for batch in batches) == (1 if harm == "flipped" else 3)
    assert {name for batch in batches for name in batch.unreadable} == {"train-00001.tar"}


class _Ranges(SimpleHTTPRequestHandler):
    """Serves parts of files, and fails each first request of a part."""

    failed: set[str]

    def do_GET(self) -> None:
        bounds = self.headers.get("Range", "")
        if bounds and self.path + bounds not in self.failed:
            self.failed.add(self.path + bounds)
            self.send_error(503)
            return
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        first, _, last = bounds.removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last) + 1] if bounds else content
        self.send_response(206 if bounds else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
def test_workers_read_over_http_and_ask_again(shards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("aiohttp")
    monkeypatch.setattr("lyricsrec.dataset.shards.storage._WAITS_S", (0.0, 0.0))
    monkeypatch.setattr(_Ranges, "failed", set(), raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Ranges, directory=str(shards)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        rows, examples = read(f"http://127.0.0.1:{server.server_port}")
        batches = list(loader(examples, plan_of(rows), 2, position=Position()))
    finally:
        server.shutdown()
        server.server_close()
    assert sorted(row.chunk_id for batch in batches for row in batch.rows) == sorted(row.chunk_id for row in rows)
    assert sum(batch.num_unreadable for batch in batches) == 0
    # Of eight parts, each was refused once.
    assert len(_Ranges.failed) == 8


def test_a_split_that_was_not_written_is_named(shards: Path) -> None:
    with pytest.raises(DataError, match="no shards of the split validation"):
        read_rows(DataConfig(shards), "validation", ENCODER)
