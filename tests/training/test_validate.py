"""Metrics of the validation split: pooled, the same every time, for every decoder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from helpers.data_sets import make_data
from helpers.tiny_models import LETTERS
from torch import Tensor, nn

from lyricsrec.base.errors import DataError, ModelError
from lyricsrec.cli.train.watch import validation_text
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.training.data.examples import ChunkExamples
from lyricsrec.training.data.labels import LabelEncoder
from lyricsrec.training.data.sets import read_rows
from lyricsrec.training.data.source import Source
from lyricsrec.training.log.metrics import Prediction
from lyricsrec.training.model.module import Losses
from lyricsrec.training.settings import DataConfig, ValidationConfig
from lyricsrec.training.validate import Validator, metrics_of

VOCABULARY = Vocabulary(tuple(LETTERS), blank=0, space=4, unknown=3, special=(1, 2))
ENCODER = LabelEncoder(VOCABULARY)
ARPA = """\\data\\
ngram 1=7
ngram 2=1

\\1-grams:
-4\t<unk>\t0
-99\t<s>\t0
-1\t</s>\t0
-0.7\tONE\t0
-0.7\tTWO\t0
-0.7\tTHREE\t0
-2\tFOUR\t0

\\2-grams:
-0.2\tONE TWO

\\end\\
"""


def prediction(name: str, reference: str, **hypotheses: str) -> Prediction:
    return Prediction(name, reference, hypotheses, audio="/a.wav", start_s=0.0, end_s=1.0)


def test_rates_are_pooled_over_all_chunks() -> None:
    predictions = [
        prediction("b", "A LONG LINE OF SIX WORDS", greedy="A LONG LINE OF SIX WORDS", beam=""),
        prediction("a", "SHORT", greedy="SHIRT MORE", beam="SHORT"),
    ]
    metrics = metrics_of(7, 1.5, predictions, 9)
    # One word replaced and one added of seven: the mean over chunks would be 1.
    assert metrics.wer == {"greedy": pytest.approx(2 / 7), "beam": pytest.approx(6 / 7)}
    # O for I and five letters more (with the space) of 24 + 5; 24 letters missing.
    assert metrics.cer == {"greedy": pytest.approx(6 / 29), "beam": pytest.approx(24 / 29)}
    assert (metrics.step, metrics.ctc, metrics.num_words, metrics.best_wer) == (7, 1.5, 7, metrics.wer["greedy"])
    assert [shown.chunk_id for shown in metrics.predictions] == ["a", "b"]


def test_empty_hypotheses_are_all_wrong() -> None:
    metrics = metrics_of(1, 3.0, [prediction("a", "ONE TWO", greedy=""), prediction("b", "THREE", greedy="")], 9)
    assert (metrics.wer, metrics.cer) == ({"greedy": 1.0}, {"greedy": 1.0})
    assert metrics_of(1, 0.0, [], 9).wer == {"greedy": 1.0}
    assert metrics_of(1, 0.0, [], 9).num_words == 0


@pytest.mark.parametrize(
    ("num_shown", "shown"),
    [
        (0, []),
        (1, ["00"]),
        (3, ["00", "03", "06"]),
        (4, ["00", "02", "04", "06"]),
        (99, [f"{i:02}" for i in range(10)]),
    ],
)
def test_readings_that_are_shown_are_spread_over_all(num_shown: int, shown: list[str]) -> None:
    predictions = [prediction(f"{i:02}", "A", greedy="A") for i in reversed(range(10))]
    assert [row.chunk_id for row in metrics_of(1, 0.0, predictions, num_shown).predictions] == shown


def test_si_sdr_is_added() -> None:
    metrics = metrics_of(1, 0.0, [], 9)
    assert metrics.with_si_sdr(12.5) == replace(metrics, si_sdr_db=12.5)


class Planted(nn.Module):
    """Stands for a training module that spells each chunk's labels, the letters of some replaced."""

    def __init__(self, confused: dict[str, str], nats: float = 2.0) -> None:
        super().__init__()
        self.confused, self.nats = confused, nats
        self.batches: list[tuple[int, ...]] = []

    def forward(
        self, audio: Tensor, num_samples: list[int], labels: Tensor, num_labels: Tensor, *, with_outputs: bool
    ) -> Losses:
        assert with_outputs
        assert not self.training
        self.batches.append(tuple(num_samples))
        frames = torch.tensor([samples // 320 for samples in num_samples])
        log_probs = torch.full((len(audio), int(frames.max()), len(LETTERS)), -9.0)
        log_probs[..., 0] = -1.0
        for row, own, count in zip(log_probs, labels.tolist(), num_labels.tolist(), strict=True):
            for i, label in enumerate(own[:count]):
                letter = LETTERS[label]
                row[2 * i, LETTERS.index(self.confused.get(letter, letter))] = -0.1
                row[2 * i, label] = max(float(row[2 * i, label]), -0.6)
        none = torch.zeros(())
        return Losses(self.nats * num_labels.sum().float(), none, none, none, log_probs, frames, audio)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> ChunkExamples:
    """Ten chunks: ONE TWO and THREE FOUR, five times."""
    data = make_data(tmp_path_factory.mktemp("data"), [{}] * 5)
    rows, _ = read_rows(DataConfig(data), "train", ENCODER)
    return ChunkExamples(rows, ENCODER)


def validator(examples: ChunkExamples, batch_s: float = 60.0, **settings: object) -> Validator:
    config = ValidationConfig(**settings)  # type: ignore[arg-type]
    return Validator(config, examples, VOCABULARY, batch_s, frame_s=0.02, num_workers=2)


def test_every_chunk_is_decoded(examples: ChunkExamples, accelerator: Accelerator) -> None:
    metrics = validator(examples).run(Planted({}), accelerator, 5)
    assert (metrics.wer, metrics.cer, metrics.num_words, metrics.step) == ({"greedy": 0.0}, {"greedy": 0.0}, 20, 5)
    assert metrics.ctc == pytest.approx(2.0)
    assert sorted({r.reference for r in metrics.predictions}) == ["ONE TWO", "THREE FOUR"]
    assert all(r.hypotheses == {"greedy": r.reference} for r in metrics.predictions)
    row = examples.rows[0]
    first = next(r for r in metrics.predictions if r.chunk_id == row.chunk_id)
    assert (first.start_s, first.end_s) == (row.start_s, row.end_s)
    assert Path(first.audio).is_file()


def test_beam_search_and_language_model_have_separate_metrics(
    examples: ChunkExamples, accelerator: Accelerator, tmp_path: Path
) -> None:
    (tmp_path / "lm.arpa").write_text(ARPA)
    # "TVO" has the higher acoustic probability, but is not a word.
    metrics = validator(examples, beam=20, lm=tmp_path / "lm.arpa").run(Planted({"W": "V"}), accelerator, 1)
    assert metrics.wer == {"greedy": 0.25, "beam": 0.25, "beam_lm": 0.0}
    assert metrics.best_wer == 0.0
    only = validator(examples, lm=tmp_path / "lm.arpa").run(Planted({"W": "V"}), accelerator, 1)
    assert only.wer == {"greedy": 0.25, "beam_lm": 0.0}
    (tmp_path / "lm.arpa").write_text("no model")
    with pytest.raises(ModelError):
        validator(examples, lm=tmp_path / "lm.arpa")


def test_a_limit_takes_chunks_from_all_over_the_manifest(examples: ChunkExamples, accelerator: Accelerator) -> None:
    metrics = validator(examples, limit=4).run(Planted({}), accelerator, 1)
    expected = {examples.rows[i].chunk_id for i in (0, 2, 5, 7)}
    assert {r.chunk_id for r in metrics.predictions} == expected
    assert len(validator(examples, limit=0).run(Planted({}), accelerator, 1).predictions) == 10


def test_batches_are_as_large_as_allowed_and_may_be_stopped_short(
    examples: ChunkExamples, accelerator: Accelerator
) -> None:
    planted = Planted({})
    validator(examples, batch_s=6.0).run(planted, accelerator, 1)
    assert [len(lengths) for lengths in planted.batches] == [3, 3, 3, 1]
    two = Planted({})
    metrics = validator(examples, batch_s=6.0).run(two, accelerator, 1, num_batches=2)
    assert [len(lengths) for lengths in two.batches] == [3, 3]
    assert len(metrics.predictions) == 6


def test_chunks_that_cannot_be_read_do_not_count(examples: ChunkExamples, accelerator: Accelerator) -> None:
    rows = [replace(examples.rows[0], audio="gone.wav"), *examples.rows[1:]]
    damaged = ChunkExamples(rows, ENCODER)
    metrics = validator(damaged).run(Planted({}), accelerator, 1)
    assert (len(metrics.predictions), metrics.wer) == (9, {"greedy": 0.0})
    assert metrics.ctc == pytest.approx(2.0)
    assert (metrics.num_unreadable, metrics.unreadable) == (1, ("gone.wav",))
    gone = ChunkExamples([replace(row, audio="gone.wav") for row in rows], ENCODER)
    with pytest.raises(DataError, match="no audio file of the 10 validation chunks can be read"):
        validator(gone).run(Planted({}), accelerator, 1)


def test_each_set_has_metrics_of_its_own(examples: ChunkExamples, accelerator: Accelerator) -> None:
    one, two = Source(examples.rows[0].source.folder, "one"), Source(examples.rows[0].source.folder, "two", 0.5)
    # Of the second set only THREE FOUR, four times, in which U is confused: one word of two is wrong.
    rows = [replace(row, source=one) for row in examples.rows if row.text == "ONE TWO"]
    rows += [replace(row, source=two) for row in examples.rows if row.text == "THREE FOUR"][:4]
    planted = Planted({"U": "V"})
    metrics = validator(ChunkExamples(rows, ENCODER)).run(planted, accelerator, 1)
    assert sorted(len(lengths) for lengths in planted.batches) == [4, 5]
    assert (metrics.wer["greedy"], metrics.num_words) == (pytest.approx(4 / 18), 18)
    assert {name: (own.wer, own.num_words) for name, own in metrics.sets.items()} == {
        "one": ({"greedy": 0.0}, 10),
        "two": ({"greedy": 0.5}, 8),
    }
    assert metrics.sets["two"].cer == {"greedy": pytest.approx(1 / 10)}
    assert [own.ctc for own in metrics.sets.values()] == pytest.approx([2.0, 2.0])
    assert metrics.flat()["validation/two/wer_greedy"] == 0.5
    assert "; two: loss 2.000, WER 50.0 % CER 10.0 % (greedy)" in validation_text(metrics)
    assert validator(examples).run(Planted({}), accelerator, 1).sets == {}
