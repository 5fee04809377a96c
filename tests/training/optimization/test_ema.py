"""Averaged weights by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lyricsrec.training.optimization.ema import WeightAverage


def weights(*values: float) -> dict[str, nn.Parameter]:
    return {name: nn.Parameter(torch.tensor([value])) for name, value in zip("ab", values, strict=False)}


def put(parameter: nn.Parameter, value: float) -> None:
    with torch.no_grad():
        parameter.fill_(value)


def now(average: WeightAverage, parameters: dict[str, nn.Parameter]) -> list[float]:
    with average.applied():
        return [float(p.detach()) for p in parameters.values()]


def test_three_updates_by_hand() -> None:
    parameters = weights(1.0)
    average = WeightAverage(0.15, parameters)
    # The average keeps 1/10, 0.15 (below 2/11) and 0.15 of itself.
    expected = 1.0
    for value, kept in [(2.0, 0.1), (4.0, 0.15), (3.0, 0.15)]:
        put(parameters["a"], value)
        average.update()
        expected = kept * expected + (1 - kept) * value
        assert now(average, parameters) == pytest.approx([expected])
        assert float(parameters["a"].detach()) == value
    assert average.num_updates == 3
    high = WeightAverage(0.9999, weights(1.0), num_updates=2)
    put(high._parameters["a"], 2.0)
    high.update()
    assert now(high, high._parameters) == pytest.approx([3 / 12 * 1 + 9 / 12 * 2])


def test_frozen_weights_are_what_they_are_and_follow_when_they_are_trained() -> None:
    parameters = weights(1.0, 5.0)
    parameters["b"].requires_grad_(False)
    average = WeightAverage(0.5, parameters)
    put(parameters["a"], 2.0)
    average.update()
    assert now(average, parameters) == pytest.approx([0.1 * 1 + 0.9 * 2, 5.0])
    parameters["b"].requires_grad_(True)
    average.follow()
    put(parameters["b"], 6.0)
    average.update()
    assert now(average, parameters)[1] == pytest.approx(2 / 11 * 5 + 9 / 11 * 6)


def test_weights_come_back_after_an_error() -> None:
    parameters = weights(1.0)
    average = WeightAverage(0.5, parameters)
    put(parameters["a"], 2.0)

    def fail() -> None:
        with average.applied():
            assert float(parameters["a"].detach()) == 1.0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert float(parameters["a"].detach()) == 2.0


def test_what_was_averaged_goes_on_also_for_what_is_frozen_now() -> None:
    parameters = weights(1.0, 5.0)
    parameters["b"].requires_grad_(False)
    saved = {"a": torch.tensor([0.5]), "b": torch.tensor([4.0])}
    average = WeightAverage(0.5, parameters, num_updates=90, saved=saved)
    assert now(average, parameters) == [0.5, 4.0]
    average.update()
    assert now(average, parameters) == [0.75, 4.5]
    assert saved["a"].item() == 0.5
