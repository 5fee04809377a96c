from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Sequence

import pytest
import torch
from helpers.data_sets import make_data
from helpers.tiny_models import LETTERS
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.base.errors import UsageError
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import Batch, ChunkExamples, Example
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.position import Batching, Leg, Position
from lyricsrec.training.data.sets import read_rows
from lyricsrec.training.settings import AugmentConfig, DataConfig

DURATIONS = st.lists(st.floats(0.5, 30), min_size=4, max_size=300)


def together(plan: BatchPlan, epoch: int) -> list[set[int]]:
    """The chunks of each step, over all processes."""
    return [{index for dealt in batch for index in dealt} for batch in plan.epoch(epoch)]


@settings(deadline=None)
@given(DURATIONS, st.floats(1, 90), st.integers(1, 60), st.integers(1, 4), st.integers(0, 5))
def test_every_chunk_once_an_epoch_and_one_for_each_process_in_each_step(
    durations: list[float], batch_s: float, bucket: int, num_processes: int, epoch: int
) -> None:
    batches = BatchPlan(durations, batch_s, bucket, seed=0, num_processes=num_processes).epoch(epoch)
    seen = Counter(index for batch in batches for dealt in batch for index in dealt)
    assert seen == Counter(range(len(durations)))
    assert all(len(batch) == num_processes and all(batch) for batch in batches)


@settings(deadline=None)
@given(DURATIONS, st.floats(60, 200), st.integers(1, 60), st.integers(1, 4))
def test_padded_seconds_are_bounded(durations: list[float], batch_s: float, bucket: int, num_processes: int) -> None:
    for batch in together(BatchPlan(durations, batch_s, bucket, seed=0, num_processes=num_processes), 0):
        assert len(batch) * max(durations[index] for index in batch) <= batch_s * num_processes * (1 + 1e-9)


@settings(deadline=None)
@given(DURATIONS, st.floats(60, 200), st.integers(1, 60), st.sampled_from([2, 4]), st.integers(0, 3))
def test_several_processes_see_in_each_step_what_one_with_larger_batches_sees(
    durations: list[float], batch_s: float, bucket: int, num_processes: int, epoch: int
) -> None:
    several = BatchPlan(durations, batch_s, bucket, seed=7, num_processes=num_processes)
    one = BatchPlan(durations, batch_s * num_processes, bucket, seed=7, num_processes=1)
    assert together(several, epoch) == together(one, epoch)


@settings(deadline=None)
@given(
    DURATIONS,
    st.lists(st.tuples(st.floats(1, 60), st.integers(1, 9), st.integers(1, 3), st.integers(0, 20)), max_size=3),
    st.integers(1, 4),
)
def test_an_epoch_that_goes_on_with_other_batches_or_processes_sees_every_chunk_once(
    durations: list[float], legs: list[tuple[float, int, int, int]], num_processes: int
) -> None:
    plan = BatchPlan(durations, 20.0, 5, seed=3, num_processes=num_processes)
    seen: Counter[int] = Counter()
    position = Position(10, 2, 0)
    for batch_s, bucket, processes, count in legs:
        batching = Batching(batch_s, bucket, processes)
        then = BatchPlan(durations, batch_s, bucket, seed=3, num_processes=processes)
        batches = then.epoch(2, position.earlier)[:count]
        seen.update(index for batch in batches for dealt in batch for index in dealt)
        position = position.after_step(len(batches)).with_batches(batching, Batching(99.0, 1, 9))
    batches = plan.epoch(2, position.earlier)
    seen.update(index for batch in batches for dealt in batch for index in dealt)
    assert set(seen.values()) == {1}
    # Fewer chunks than processes are left to the next epoch.
    assert len(durations) - len(seen) < max([num_processes, *(processes for _, _, processes, _ in legs)])
    assert all(len(batch) == num_processes and all(batch) for batch in batches)


def test_a_position_counts_on_where_the_batches_stay_the_same() -> None:
    same = Batching(60.0, 50, 2)
    assert Position(7, 1, 3).with_batches(same, same) == Position(7, 1, 3)
    assert Position(7, 1, 0).with_batches(same, Batching(60.0, 50, 1)) == Position(7, 1, 0)
    after = Position(7, 1, 3).with_batches(same, Batching(60.0, 50, 1))
    assert after == Position(7, 1, 0, earlier=(Leg(same, 3),))
    assert after.next_epoch() == Position(7, 2, 0)


def test_a_plan_by_hand() -> None:
    plan = BatchPlan([4.0, 1.0, 9.0, 1.0, 2.0, 3.0], batch_s=8.0, bucket=99, seed=0)
    # The longest is more than a batch; 4 and 3 fill one; 2, 1 and 1 fit together.
    assert sorted(map(sorted, together(plan, 0))) == [[0, 5], [1, 3, 4], [2]]
    # Nine alike, four of which fit: the rest is not one chunk.
    assert sorted(map(len, together(BatchPlan([1.0] * 9, 4.0, 99, seed=0), 0))) == [2, 3, 4]


def test_order_depends_on_seed_and_epoch_alone() -> None:
    plan = BatchPlan([1.0 + i / 100 for i in range(200)], 10.0, 3, seed=5)
    assert plan.epoch(2) == BatchPlan(plan.durations_s, 10.0, 3, seed=5).epoch(2)
    assert plan.epoch(2) != plan.epoch(3)
    assert plan.epoch(2) != BatchPlan(plan.durations_s, 10.0, 3, seed=6).epoch(2)
    firsts = [min(batch) for batch in together(plan, 2)]
    assert firsts != sorted(firsts)


def test_chunks_of_like_length_share_a_step_the_more_the_larger_the_bucket() -> None:
    durations = [0.5 + i * 37 % 100 / 10 for i in range(1000)]

    def share_of_silence(bucket: int) -> float:
        batches = together(BatchPlan(durations, 30.0, bucket, seed=0), 0)
        return 1 - sum(durations) / sum(len(batch) * max(durations[i] for i in batch) for batch in batches)

    assert share_of_silence(1) > 0.15
    assert share_of_silence(20) < 0.05


def test_too_few_chunks_for_the_processes() -> None:
    with pytest.raises(UsageError, match="3 chunks an epoch are too few for 4 processes"):
        BatchPlan([1.0] * 3, 10.0, 5, seed=0, num_processes=4)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> ChunkExamples:
    """Twelve chunks with all alterations, the files of two of them unreadable."""
    songs: list[dict[str, object]] = [{} for _ in range(6)]
    data = make_data(tmp_path_factory.mktemp("data"), songs)
    encoder = LabelEncoder(Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2)))
    rows, _ = read_rows(DataConfig(data), "train", encoder)
    (data / rows[0].audio).write_bytes(b"RIFF, no longer")
    augment = Augmentation(
        AugmentConfig(
            1.0,
            6.0,
            1.0,
            noise_db=(10.0, 40.0),
            speed_chance=1.0,
            speed=0.1,
            pitch_chance=1.0,
            pitch=2.0,
            backing_chance=0.0,
        )
    )
    return ChunkExamples(rows, encoder, augment=augment, seed=3)


def plan_of(examples: ChunkExamples, num_processes: int = 1) -> BatchPlan:
    return BatchPlan([row.duration_s for row in examples.rows], 4.0, 2, seed=0, num_processes=num_processes)


def is_same(one: Batch, other: Batch) -> bool:
    tensors = ("audio", "num_samples", "labels", "num_labels")
    same = all(torch.equal(getattr(one, name), getattr(other, name)) for name in tensors)
    return same and one.rows == other.rows and one.num_unreadable == other.num_unreadable


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_resumed_epoch_goes_on_with_the_same_bytes(examples: ChunkExamples, num_workers: int) -> None:
    plan = plan_of(examples)
    whole = list(loader(examples, plan, 0, position=Position(epoch=1)))
    resumed = list(loader(examples, plan, num_workers, position=Position(epoch=1, batch=2)))
    assert len(whole) == len(plan.epoch(1)) == len(resumed) + 2 == 6
    assert all(map(is_same, whole[2:], resumed))
    assert not any(map(is_same, whole, loader(examples, plan, 0, position=Position(epoch=2))))


def test_unreadable_files_are_counted_and_do_not_stop_an_epoch(examples: ChunkExamples) -> None:
    batches = list(loader(examples, plan_of(examples), 2, position=Position()))
    assert sum(batch.num_unreadable for batch in batches) == 2
    assert sum(len(batch.rows) for batch in batches) == 12


def test_processes_share_an_epoch(examples: ChunkExamples) -> None:
    plan = plan_of(examples, 2)
    seen = [[batch.rows for batch in loader(examples, plan, 0, rank=rank, position=Position())] for rank in (0, 1)]
    assert len(seen[0]) == len(seen[1])
    ids = [row.chunk_id for batches in seen for rows in batches for row in rows]
    assert sorted(ids) == sorted(row.chunk_id for row in examples.rows)


def test_reading_draws_nothing_from_the_models_generator(examples: ChunkExamples) -> None:
    before = torch.get_rng_state()
    list(loader(examples, plan_of(examples), 2, position=Position(batch=4)))
    assert torch.equal(torch.get_rng_state(), before)


def test_nothing_is_left_of_an_epoch(examples: ChunkExamples) -> None:
    assert list(loader(examples, plan_of(examples), 2, position=Position(batch=6))) == []


class WorkerOnly(ChunkExamples):
    """Fails unless it is read by a worker with one thread that Ctrl-C does not reach."""

    def __getitems__(self, keys: Sequence[tuple[int, int]]) -> list[Example]:
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert torch.get_num_threads() == 1
        return super().__getitems__(keys)


def test_workers_leave_interrupts_to_the_parent_and_take_one_thread(examples: ChunkExamples) -> None:
    inside = WorkerOnly(examples.rows, examples._encoder)
    assert len(list(loader(inside, plan_of(examples), -1, position=Position()))) == 6
