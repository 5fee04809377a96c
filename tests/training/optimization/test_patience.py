"""Patience: what counts as a gain, and what is said when there was none."""

from __future__ import annotations

import json

from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.optimization.patience import Patience


def validation(step: int, wer: float, loss: float = 1.0, cer: float = 0.5) -> ValidationMetrics:
    return ValidationMetrics(step, loss, {"greedy": wer}, cer={"greedy": cer}, num_words=9)


def counts(patience: Patience, validations: list[ValidationMetrics]) -> list[int]:
    found = []
    for one in validations:
        patience.add(one)
        found.append(patience.num_without)
    return found


def test_a_gain_is_more_than_the_smallest_one() -> None:
    errors = [0.5, 0.5, 0.495, 0.489, 0.6, 0.48]
    assert counts(Patience("wer"), [validation(i, wer) for i, wer in enumerate(errors)]) == [0, 1, 0, 0, 1, 0]
    # Small gains that add up to one count when they do.
    assert counts(Patience("wer", 0.01), [validation(i, wer) for i, wer in enumerate(errors)]) == [0, 1, 2, 0, 1, 2]


def test_while_nothing_is_recognised_the_loss_decides() -> None:
    start = [validation(1, 1.0, 4.0), validation(2, 1.2, 3.0), validation(3, 1.0, 3.5), validation(4, 1.0, 3.0)]
    assert counts(Patience("wer"), start) == [0, 0, 1, 2]
    assert counts(Patience("wer"), [*start, validation(5, 0.99, 9.0), validation(6, 1.0, 1.0)]) == [0, 0, 1, 2, 0, 1]
    assert counts(Patience("cer"), start) == [0, 1, 2, 3]
    assert counts(Patience("loss"), [validation(i, 0.1, loss) for i, loss in enumerate([3.0, 2.0, 2.5])]) == [0, 0, 1]


def test_a_resumed_one_goes_on_unless_the_metric_is_another() -> None:
    patience = Patience("wer")
    counts(patience, [validation(10, 0.5), validation(20, 0.6), validation(30, 0.5)])
    saved = json.loads(json.dumps(patience.state()))
    assert Patience("wer", saved=saved).state() == patience.state()
    assert counts(Patience("wer", saved=saved), [validation(40, 0.5), validation(50, 0.4)]) == [3, 0]
    assert counts(Patience("loss", saved=saved), [validation(40, 0.5)]) == [0]


def test_what_is_said() -> None:
    patience = Patience("wer", 0.005)
    counts(patience, [validation(10, 0.5), validation(20, 0.6), validation(30, 0.5)])
    said = "of the last 2 validations was better by more than 0.5 points than that of step 10"
    assert str(patience) == f"no WER {said}"
    patience = Patience("loss")
    counts(patience, [validation(10, 0.5), validation(20, 0.6)])
    assert str(patience) == "no loss of the last 1 validations was better than that of step 10"
