"""Rates and decay by part, and how rates move over a run."""

from __future__ import annotations

import math
from typing import Literal

import pytest
import torch
from helpers.tiny_models import tiny_htdemucs, tiny_whisper_ctc
from torch import nn

from lyricsrec.recognition.acoustic import AcousticModel, CtcNet
from lyricsrec.separation.vocal_net import VocalNet
from lyricsrec.training.model.optimizer import Schedule, make_optimizer
from lyricsrec.training.model.parts import part_of
from lyricsrec.training.settings import OptimizerConfig

CONFIG = OptimizerConfig(
    1e-5, 2e-5, 3e-5, head_rate=1e-3, separator_decay=0.1, encoder_decay=0.2, head_decay=0.3, betas=(0.8, 0.9)
)
RATES = {"separator": 1e-5, "features": 2e-5, "encoder": 3e-5, "head": 1e-3}
DECAYS = {"separator": 0.1, "features": 0.2, "encoder": 0.2, "head": 0.3}


@pytest.fixture(scope="module")
def model() -> AcousticModel:
    return AcousticModel(VocalNet([tiny_htdemucs(0.5)], [1.0]), CtcNet(tiny_whisper_ctc(), normalize=False), 16_000)


def test_every_parameter_has_the_rate_of_its_part_and_only_matrices_decay(model: AcousticModel) -> None:
    found = {
        id(p): (group["part"], group["lr"], group["weight_decay"])
        for group in make_optimizer(model, CONFIG).param_groups
        for p in group["params"]
    }
    expected = {}
    for name, parameter in model.named_parameters():
        part = part_of(name).split(".")[0]
        expected[id(parameter)] = (part, RATES[part], DECAYS[part] if parameter.ndim > 1 else 0.0)
    assert found == expected
    assert {part for part, _, _ in found.values()} == set(RATES)
    assert {decay for _, _, decay in found.values()} == {0.0, 0.1, 0.2, 0.3}


def test_groups_are_no_more_than_needed_and_adam_is_set_up(model: AcousticModel) -> None:
    optimizer = make_optimizer(model, CONFIG)
    assert len(optimizer.param_groups) == 8
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))
    assert all(group["betas"] == (0.8, 0.9) for group in optimizer.param_groups)


def test_what_gets_no_gradient_does_not_move(model: AcousticModel) -> None:
    optimizer = make_optimizer(model, CONFIG)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    model.ctc.model.lm_head.weight.grad = torch.ones_like(model.ctc.model.lm_head.weight)
    optimizer.step()
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {"ctc.model.lm_head.weight"}


def rates(schedule: Literal["cosine", "linear", "constant"], warmup: int, steps: int) -> list[float]:
    """Rates of the steps of a run, and of two steps past its end, as shares of the full rate."""
    model = nn.Module()
    model.lm_head = nn.Linear(2, 2)
    parent = nn.Module()
    parent.ctc = model
    config = OptimizerConfig(head_rate=2.0, warmup_steps=warmup, schedule=schedule)
    optimizer = make_optimizer(parent, config)
    schedule_of_rates = Schedule(optimizer, config, steps)
    found = []
    for step in range(steps + 2):
        schedule_of_rates.apply(step)
        found.append(optimizer.param_groups[0]["lr"] / 2.0)
    return found


def test_rates_rise_in_a_line_and_stay() -> None:
    assert rates("constant", 4, 8) == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1])


def test_rates_fall_in_a_line() -> None:
    assert rates("linear", 2, 6) == pytest.approx([0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0])


def test_rates_fall_like_a_cosine() -> None:
    falling = [0.5 * (1 + math.cos(math.pi * i / 4)) for i in range(5)]
    assert rates("cosine", 2, 6) == pytest.approx([0.5, 1, *falling, 0])


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_no_warm_up_and_one_longer_than_the_run(schedule: Literal["cosine", "linear", "constant"]) -> None:
    assert rates(schedule, 0, 3)[0] == 1.0
    assert rates(schedule, 10, 3) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
