from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.data_sets import make_data
from helpers.tiny_models import LETTERS
from hypothesis import given, settings
from hypothesis import strategies as st

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.batches import BatchPlan, loader
from lyricsrec.training.data.examples import ChunkExamples
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.position import Leg, Position
from lyricsrec.training.data.sets import Draws, fingerprint, letters_of, read_rows, sources, texts_of
from lyricsrec.training.data.source import SetChunk
from lyricsrec.training.settings import AugmentConfig, DataConfig, SetConfig

ENCODER = LabelEncoder(Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2)))
SETS = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from([0.001, 0.1, 0.25, 1 / 3, 0.5, 1.0, 1.5, 3.0])), min_size=1
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    """Sets of four and two chunks with the same ids, both named "data"."""
    folders = [make_data(tmp_path_factory.mktemp(name), [{}] * count) for name, count in (("one", 2), ("two", 1))]
    return DataConfig(sets=(SetConfig(folders[0], 0.5), SetConfig(folders[1], 2.0)))


@pytest.fixture(scope="module")
def rows(config: DataConfig) -> list[SetChunk]:
    return read_rows(config, "train", ENCODER)[0]


def test_chunks_come_as_often_as_the_weight_of_their_set_says() -> None:
    draws = Draws([(4, 0.5), (2, 2.0), (2, 1.5), (1, 1.0)], seed=3)
    epochs = [Counter(index % 9 for index in draws.epoch(number)) for number in range(4)]
    for number in (0, 2):
        one, two = epochs[number], epochs[number + 1]
        assert sorted((one + two)[index] for index in range(4)) == [1, 1, 1, 1]
        assert [one[4], one[5], two[4], two[5]] == [2, 2, 2, 2]
        assert sorted([one[6], one[7]]) == [1, 2]
        assert [one[6] + two[6], one[7] + two[7], one[8], two[8]] == [3, 3, 1, 1]
    assert [epoch.total() for epoch in epochs] == [10, 10, 10, 10]
    assert [draws.count_until(number) for number in range(4)] == [0, 10, 20, 30]
    assert draws.least == 10


def test_one_set_of_weight_one_is_every_chunk_once() -> None:
    assert [Draws([(5, 1.0)], seed=3).epoch(number) for number in (0, 7)] == [[0, 1, 2, 3, 4]] * 2


def test_other_seeds_and_epochs_draw_others() -> None:
    drawn = {tuple(Draws([(40, 0.5)], seed).epoch(number)) for seed in (0, 1) for number in (0, 1)}
    assert len(drawn) == 4


@settings(deadline=None)
@given(SETS, st.integers(0, 5), st.integers(0, 3))
def test_every_chunk_has_its_turn_before_one_comes_again(sets: list[tuple[int, float]], seed: int, epoch: int) -> None:
    draws, total = Draws(sets, seed), sum(count for count, _ in sets)
    epochs = [draws.epoch(number) for number in range(epoch + 1)]
    assert all(len(set(drawn)) == len(drawn) for drawn in epochs)
    assert sum(map(len, epochs)) == draws.count_until(epoch + 1)
    assert all(len(drawn) >= draws.least for drawn in epochs)
    seen = Counter(index % total for drawn in epochs for index in drawn)
    first = 0
    for count, weight in sets:
        times = [seen[index] for index in range(first, first + count)]
        assert max(times) - min(times) <= 1
        assert abs(sum(times) - count * weight * (epoch + 1)) < 1 + 1e-3 * count * (epoch + 1)
        first += count


def test_other_processes_go_on_with_the_chunks_that_are_left() -> None:
    durations = [1.0 + i % 7 for i in range(60)]
    draws = Draws([(40, 0.5), (20, 3.0)], seed=0)
    before = BatchPlan(durations, 10.0, 3, seed=0, num_processes=2, draws=draws)
    after = BatchPlan(durations, 10.0, 3, seed=0, num_processes=3, draws=draws)
    seen = [index for batch in before.epoch(1)[:4] for dealt in batch for index in dealt]
    rest = [index for batch in after.epoch(1, [Leg(before.batching, 4)]) for dealt in batch for index in dealt]
    assert sorted(seen + rest) == sorted(draws.epoch(1))
    assert all(len({durations[index % 60] for index in dealt}) <= 3 for batch in before.epoch(1) for dealt in batch)


def test_an_epoch_has_a_chunk_for_each_process() -> None:
    draws = Draws([(6, 0.5), (2, 0.25)], seed=0)
    with pytest.raises(UsageError, match="3 chunks an epoch are too few for 4 processes"):
        BatchPlan([1.0] * 8, 10.0, 5, seed=0, num_processes=4, draws=draws)


def test_chunks_that_come_again_are_changed_in_another_way(rows: list[SetChunk]) -> None:
    examples = ChunkExamples(rows, ENCODER, augment=Augmentation(AugmentConfig(noise_chance=1.0)))
    once, again = examples[0, 4], examples[0, 4 + len(rows)]
    assert once.row is again.row
    assert not torch.equal(once.audio, again.audio)
    plan = BatchPlan([row.duration_s for row in rows], 60.0, 5, seed=0, draws=Draws.of(rows, 0))
    names = Counter(row.unique_id for batch in loader(examples, plan, 0, position=Position()) for row in batch.rows)  # type: ignore[attr-defined]
    assert sorted(names.values()) == [1, 1, 2, 2]


def test_each_chunk_is_read_from_its_own_folder(rows: list[SetChunk], config: DataConfig, tmp_path: Path) -> None:
    assert [row.source.folder for row in rows] == [config.sets[0].folder] * 4 + [config.sets[1].folder] * 2
    assert [row.chunk_id for row in rows[:2]] == [row.chunk_id for row in rows[4:]]
    assert len({row.unique_id for row in rows}) == 6
    gone = replace(rows[4], source=replace(rows[4].source, folder=tmp_path, name="songs"), audio="gone.wav")
    example = ChunkExamples([gone], ENCODER)[0, 0]
    assert (example.is_readable, example.row.shown) == (False, "songs: gone.wav")


def test_sets_are_named_by_their_folders(config: DataConfig) -> None:
    named = DataConfig(Path("a/dali"), sets=(SetConfig(Path("b/own"), 2.0),))
    assert [(source.name, source.weight) for source in sources(named)] == [("dali", 1.0), ("own", 2.0)]
    assert [source.name for source in sources(config)] == [str(item.folder) for item in config.sets]
    assert [source.name for source in sources(DataConfig(Path("a/dali")))] == [""]
    with pytest.raises(ValueError, match="own is given twice"):
        DataConfig(Path("own"), sets=(SetConfig(Path("own")),))


def test_errors_name_the_set(config: DataConfig, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    both = replace(config, sets=(config.sets[0], SetConfig(other)))
    with pytest.raises(DataError, match=r"other.train\.jsonl: no such manifest"):
        read_rows(both, "train", ENCODER)
    text = (config.sets[0].folder / "train.jsonl").read_text("utf-8")
    (other / "train.jsonl").write_text(text.replace("ONE TWO", "ÖNE"), "utf-8")
    with pytest.raises(DataError, match=r"^other: letters of the lyrics are not .*: Ö \(2\)"):
        read_rows(both, "train", ENCODER)
    assert letters_of(both, ("train",)) == "".join(sorted(set("ONETWOTHREEFOURÖ")))
    assert len(list(texts_of(both, ("train",)))) == 8


def test_weights_are_part_of_the_fingerprint(rows: list[SetChunk]) -> None:
    plain = [replace(row, source=replace(row.source, weight=1.0)) for row in rows]
    assert len({fingerprint(rows), fingerprint(plain), fingerprint(plain[:4])}) == 3
