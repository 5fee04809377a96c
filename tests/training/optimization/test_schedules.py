"""Learning rates at named steps."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest
import torch
from torch import nn
from torch.optim import SGD

from lyricsrec.training.log.metrics import ValidationMetrics
from lyricsrec.training.optimization.schedules import SCHEDULES, Schedule
from lyricsrec.training.settings import OptimizerConfig, PartConfig, ScheduleName


def optimizer(start: int = 0) -> SGD:
    groups = [
        {"params": [nn.Parameter(torch.ones(1))], "part": "head", "start": start},
        {"params": [nn.Parameter(torch.ones(1))], "part": "encoder", "start": 0},
    ]
    return SGD(groups, lr=9.0)


def rates(name: ScheduleName, warmup: int, steps: int, start: int = 0, **more: Any) -> list[float]:
    """Rates of the steps of a run from a start on, and of two steps past its end, as shares of the full rate."""
    config = OptimizerConfig(head_rate=2.0, warmup_steps=warmup, schedule=name, **more)
    made = optimizer(start)
    schedule = Schedule(made, config, steps)
    found = []
    for step in range(start, steps + 2):
        schedule.apply(step)
        found.append(made.param_groups[0]["lr"] / 2.0)
    return found


def test_rates_rise_in_a_line_and_stay() -> None:
    assert rates("constant", 4, 8) == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1])


def test_rates_fall_in_a_line() -> None:
    assert rates("linear", 2, 6) == pytest.approx([0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0])


def test_rates_fall_like_a_cosine() -> None:
    falling = [0.5 * (1 + math.cos(math.pi * i / 4)) for i in range(5)]
    assert rates("cosine", 2, 6) == pytest.approx([0.5, 1, *falling, 0])


def test_rates_rise_stay_and_fall_exponentially() -> None:
    assert rates("tri-stage", 2, 12, hold=0.2, final=0.01) == pytest.approx(
        [0.5, 1, 1, 1, *(0.01 ** (i / 8) for i in range(9)), 0.01]
    )
    assert rates("tri-stage", 0, 2, hold=1.0) == [1.0, 1.0, 1.0, 1.0]


def test_a_warm_up_counts_from_the_step_from_which_a_part_is_trained() -> None:
    assert rates("linear", 2, 106, start=100) == pytest.approx([0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0])
    made = optimizer(start=100)
    Schedule(made, OptimizerConfig(warmup_steps=4, schedule="constant"), 200).apply(100)
    assert [group["lr"] for group in made.param_groups] == pytest.approx([1e-3 / 4, 3e-5])


@pytest.mark.parametrize("name", get_args(ScheduleName))
def test_no_warm_up_and_one_longer_than_the_run(name: ScheduleName) -> None:
    assert rates(name, 0, 3)[0] == 1.0
    assert rates(name, 10, 3) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])


def test_each_part_has_a_schedule_of_its_own() -> None:
    made = optimizer()
    own = PartConfig(rate=1.0, schedule="linear", warmup_steps=0)
    schedule = Schedule(made, OptimizerConfig(schedule="constant", warmup_steps=0, head=own), 4)
    schedule.apply(3)
    assert [group["lr"] for group in made.param_groups] == pytest.approx([0.25, 3e-5])


def validation(step: int, wer: float, cer: float = 0.5, loss: float = 1.0) -> ValidationMetrics:
    return ValidationMetrics(step, loss, {"greedy": wer}, cer={"greedy": cer}, num_words=9)


def test_a_plateau_lowers_the_rate_of_its_part_and_a_resumed_one_goes_on() -> None:
    made = optimizer()
    config = OptimizerConfig(schedule="constant", warmup_steps=1, factor=0.5, head=PartConfig(schedule="plateau"))
    schedule = Schedule(made, config, 100)
    found = []
    for step, wer in enumerate([0.1, 0.9, 0.8, 0.8, 0.8, 0.7, 0.7, 0.75, 0.7, 0.7], 1):
        lowered = schedule.validated(validation(step, wer))
        schedule = Schedule(made, config, 100, saved=json.loads(json.dumps(schedule.state())))
        schedule.apply(step)
        found.append((lowered, made.param_groups[0]["lr"] / 1e-3))
    # The first validation is part of the warm-up and does not count.
    assert [factor for _, factor in found] == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]
    assert [i for i, (lowered, _) in enumerate(found, 1) if lowered == ["head"]] == [5, 8, 10]
    assert made.param_groups[1]["lr"] == 3e-5


def test_every_name_has_a_schedule() -> None:
    assert tuple(SCHEDULES) == get_args(ScheduleName)
