"""Which checkpoints are best, and by what."""

from __future__ import annotations

import pytest

from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.settings import BestMetric
from lyricsrec.training.state.best import Candidate, Ranking


def validation(step: int, wer: float, cer: float, loss: float) -> ValidationMetrics:
    return ValidationMetrics(step, loss, {"greedy": 1.0, "beam": wer}, cer={"greedy": 1.0, "beam": cer}, num_words=9)


# All words are wrong at first, while letters and loss already improve.
RUN = [validation(10, 1.0, 1.0, 3.96), validation(20, 1.0, 0.9, 3.5), validation(30, 1.0, 0.9, 3.09)]
RUN += [validation(40, 0.8, 0.95, 3.2)]


@pytest.mark.parametrize(
    ("metric", "best"), [("wer", [40, 30, 20, 10]), ("cer", [30, 20, 40, 10]), ("loss", [30, 40, 20, 10])]
)
def test_ties_go_to_cer_and_then_to_the_loss(metric: BestMetric, best: list[int]) -> None:
    ranking = Ranking(metric, 9)
    assert all(ranking.add(metrics) for metrics in RUN)
    assert ranking.steps == best


def test_only_the_best_few_count() -> None:
    ranking = Ranking("wer", 2)
    assert [ranking.add(metrics) for metrics in RUN] == [True, True, True, True]
    assert ranking.steps == [40, 30]
    assert not ranking.add(validation(50, 1.0, 1.0, 9.0))
    # Equal in all: the earlier one stays.
    assert not ranking.add(validation(60, 1.0, 0.9, 3.09))
    assert ranking.steps == [40, 30]


def test_a_step_counts_once_and_another_metric_sorts_anew() -> None:
    kept = (Candidate(40, 0.8, 0.95, loss=3.2), Candidate(30, 1.0, 0.9, loss=3.09))
    assert Ranking("loss", 1, kept).steps == [30]
    ranking = Ranking("wer", 2, kept)
    assert ranking.add(validation(40, 0.7, 0.9, 3.0))
    assert [candidate.wer for candidate in ranking.candidates] == [0.7, 1.0]
