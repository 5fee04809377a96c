from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.data_sets import make_data
from helpers.tiny_models import LETTERS

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.chunk_audio import read_chunk
from lyricsrec.dataset.manifest import read_chunks, to_line
from lyricsrec.dataset.preparation.settings import SplitConfig
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.recognition.acoustic import to_recognizer
from lyricsrec.training.data.augment import Augmentation
from lyricsrec.training.data.examples import ChunkExamples, Example, collate
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.sets import LeftOut, read_rows
from lyricsrec.training.data.source import SetChunk, Source
from lyricsrec.training.settings import AugmentConfig, DataConfig

ENCODER = LabelEncoder(Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2)))
EVERYTHING = AugmentConfig(
    1.0, 6.0, 1.0, noise_db=(10.0, 40.0), speed_chance=1.0, speed=0.1, pitch_chance=1.0, pitch=2.0, backing_chance=0.0
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_data(tmp_path, [{}, {}])


def examples_of(
    rows: list[SetChunk], augment: AugmentConfig | None = None, *, seed: int = 0, mono: bool = True
) -> ChunkExamples:
    augmentation = Augmentation(augment) if augment else None
    return ChunkExamples(rows, ENCODER, stereo_rate=None if mono else 44_100, augment=augmentation, seed=seed)


def rows_of(folder: Path) -> list[SetChunk]:
    return read_rows(DataConfig(folder), "train", ENCODER)[0]


def write_rows(folder: Path, **changes: object) -> DataConfig:
    """A manifest "some" in the folder of one chunk with these changes."""
    row = next(read_chunks(folder / "train.jsonl"))
    (folder / "some.jsonl").write_text(to_line(replace(row, **changes).to_dict()), "utf-8")  # type: ignore[arg-type]
    return DataConfig(folder)


def test_recognisers_learn_from_what_they_transcribe(data: Path) -> None:
    rows = rows_of(data)
    example = examples_of(rows)[0, 1]
    assert torch.equal(example.audio, torch.from_numpy(to_recognizer(read_chunk(rows[1], data)).samples))
    assert example.audio.shape == (1, round(rows[1].duration_s * 16_000))
    assert example.audio.dtype == torch.float32
    assert example.labels.tolist() == ENCODER.encode("THREE FOUR")
    assert example.row == rows[1]
    assert example.is_readable


def test_separators_learn_from_stereo_at_their_rate(data: Path) -> None:
    rows = rows_of(data)
    sound = torch.from_numpy(read_chunk(rows[0], data).samples)
    assert torch.equal(examples_of(rows, mono=False)[0, 0].audio, sound)
    slower = ChunkExamples(rows, ENCODER, stereo_rate=22_050)[0, 0].audio
    assert slower.shape == (2, math.ceil(sound.shape[1] / 2))


def test_the_input_of_recognisers_has_one_rate(data: Path) -> None:
    assert ChunkExamples([], ENCODER).sample_rate == 16_000
    assert ChunkExamples([], ENCODER, stereo_rate=8_000).sample_rate == 8_000


def test_alterations_depend_on_seed_epoch_and_index_alone(data: Path) -> None:
    rows = rows_of(data)
    examples = examples_of(rows, EVERYTHING)
    first = examples[3, 1].audio
    torch.manual_seed(99)
    assert len(examples) == 4
    assert torch.equal(examples_of(rows, EVERYTHING)[3, 1].audio, first)
    others = [examples[4, 1], examples[1, 3], examples_of(rows, EVERYTHING, seed=1)[3, 1]]
    assert not any(torch.equal(other.audio[:, :1000], first[:, :1000]) for other in others)


def test_no_alteration_leaves_too_little_time_for_the_labels(data: Path) -> None:
    row = rows_of(data)[0]
    dense = replace(row, text="A" * 30, end_s=row.start_s + 1.25)
    labels = ENCODER.encode(dense.text)
    lengths = [examples_of([dense], EVERYTHING)[epoch, 0].audio.shape[1] for epoch in range(20)]
    assert min(lengths) >= ENCODER.min_duration_s(labels) * 16_000 > 16_000 * 1.25 * 0.9


@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize("damage", ["missing", "empty", "garbage", "short"])
def test_an_unreadable_file_gives_silence_without_labels(data: Path, damage: str, mono: bool) -> None:
    rows = rows_of(data)
    path = data / rows[0].audio
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "garbage": b"RIFF" * 99, "short": path.read_bytes()[:8000]}[damage])
    examples = examples_of(rows, EVERYTHING, mono=mono)
    example = examples[0, 0]
    assert not example.is_readable
    assert example.audio.shape == ((1, 8000) if mono else (2, 22_050))
    assert not example.audio.any()
    assert not len(example.labels)
    batch = collate([example, examples[0, 2]])
    assert batch.num_unreadable == 1
    assert batch.num_labels.tolist() == [0, 7]


def test_batches_are_filled_up_with_zeros(data: Path) -> None:
    row = rows_of(data)[0]
    short = Example(torch.ones(2, 3), torch.tensor([5, 6, 7]), row, is_readable=True)
    long = Example(torch.full((2, 5), 2.0), torch.tensor([8]), row, is_readable=True)
    batch = collate([short, long])
    assert batch.audio.tolist() == [[[1, 1, 1, 0, 0]] * 2, [[2, 2, 2, 2, 2]] * 2]
    assert batch.num_samples.tolist() == [3, 5]
    assert batch.labels.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert batch.num_labels.tolist() == [3, 1]
    assert batch.rows == (row, row)
    assert batch.num_unreadable == 0
    moved = batch.to("meta")
    assert {moved.audio.device.type, moved.num_labels.device.type} == {"meta"}
    assert moved.rows is batch.rows


def test_rows_come_without_word_times(data: Path) -> None:
    rows, left_out = read_rows(DataConfig(data), "train", ENCODER)
    assert rows == [SetChunk.of(row, Source(data)) for row in read_chunks(data / "train.jsonl")]
    assert not any(row.words for row in rows)
    assert left_out == LeftOut()
    assert str(left_out) == "none"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": ""}, "1 without lyrics"),
        ({"text": "  "}, "1 without lyrics"),
        ({"end_s": 1.29}, "1 too short"),
        ({"end_s": 41.0}, "1 too long"),
        ({"text": "A" * 50}, "1 too dense"),
    ],
)
def test_unusable_chunks_are_left_out(data: Path, changes: dict[str, object], reason: str) -> None:
    config = write_rows(data, **changes)
    with pytest.raises(DataError, match=rf"some.jsonl: no chunks to train on \(left out: {reason}\)"):
        read_rows(config, "some", ENCODER)
    with (data / "some.jsonl").open("a") as file:
        file.write((data / "train.jsonl").read_text())
    rows, left_out = read_rows(config, "some", ENCODER)
    assert len(rows) == 4
    assert str(left_out) == reason


def test_manifests_without_usable_chunks(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere.train\.jsonl: no such manifest") as caught:
        read_rows(DataConfig(tmp_path / "nowhere"), "train", ENCODER)
    assert "dali-prepare" in str(caught.value.hint)
    (data / "empty.jsonl").write_text("")
    with pytest.raises(DataError, match=r"no chunks to train on \(left out: none\)"):
        read_rows(DataConfig(data), "empty", ENCODER)
    config = write_rows(data, text="ÜBER ALLÉ")
    with pytest.raises(DataError, match=r"not in the recogniser's vocabulary: É \(1\), Ü \(1\)"):
        read_rows(config, "some", ENCODER)


def test_the_test_split_is_refused(tmp_path: Path) -> None:
    tested = make_data(tmp_path, [{}], SplitConfig("random", ratios=(0.0, 0.0, 1.0)))
    (tested / "validation.jsonl").write_bytes((tested / "test.jsonl").read_bytes())
    for split in ("test", "validation"):
        with pytest.raises(DataError, match="test split, which no model may learn from"):
            read_rows(DataConfig(tested), split, ENCODER)


def test_no_alteration_makes_a_chunk_longer_than_allowed(data: Path) -> None:
    rows = rows_of(data)
    slower = AugmentConfig(0.0, speed_chance=1.0, speed=0.5, noise_chance=0.0, backing_chance=0.0)
    longest = {}
    for max_s in (30.0, 2.0):
        examples = ChunkExamples(rows, ENCODER, augment=Augmentation(slower), max_s=max_s)
        longest[max_s] = max(examples[epoch, 0].audio.shape[1] for epoch in range(20)) / 16_000
    assert rows[0].duration_s == pytest.approx(1.9)
    assert longest[30.0] > 2.5
    assert 1.9 < longest[2.0] <= 2.0
