"""Optimizers by part: rates, decay, what torch makes of them, and several as one."""

from __future__ import annotations

import math
from typing import get_args

import pytest
import torch
from helpers.tiny_models import tiny_htdemucs, tiny_whisper_ctc
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from lyricsrec.recognition.acoustic import AcousticModel, CtcNet
from lyricsrec.separation.vocal_net import VocalNet
from lyricsrec.training.model.parts import part_of
from lyricsrec.training.optimization.optimizers import OPTIMIZERS, JoinedOptimizer, make_optimizer
from lyricsrec.training.settings import OptimizerConfig, OptimizerName, PartConfig, PartOptimizer

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
        for group in make_optimizer(model, CONFIG, {}).param_groups
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
    optimizer = make_optimizer(model, CONFIG, {})
    assert isinstance(optimizer, AdamW)
    assert len(optimizer.param_groups) == 8
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))
    assert all(group["betas"] == (0.8, 0.9) for group in optimizer.param_groups)


def test_what_gets_no_gradient_does_not_move(model: AcousticModel) -> None:
    optimizer = make_optimizer(model, CONFIG, {})
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    model.ctc.model.lm_head.weight.grad = torch.ones_like(model.ctc.model.lm_head.weight)
    optimizer.step()
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {"ctc.model.lm_head.weight"}


def test_each_part_has_an_optimizer_of_its_own_and_a_start(model: AcousticModel) -> None:
    own = PartConfig("sgd", 2e-4, 0.5, momentum=0.7)
    config = OptimizerConfig(head=PartConfig("adafactor"), separator=own, encoder=PartConfig(betas=(0.1, 0.2)))
    optimizer = make_optimizer(model, config, {"encoder.1": 7})
    assert isinstance(optimizer, JoinedOptimizer)
    by_part = {group["part"]: group for group in optimizer.param_groups if group["weight_decay"]}
    found = {part: (group["optimizer"], group["lr"], group["weight_decay"]) for part, group in by_part.items()}
    assert found == {
        "separator": ("sgd", 2e-4, 0.5),
        "features": ("adamw", 1e-5, 0.01),
        "encoder": ("adamw", 3e-5, 0.01),
        "head": ("adafactor", 1e-3, 0.01),
    }
    assert by_part["separator"]["momentum"] == 0.7
    assert (by_part["features"]["betas"], by_part["encoder"]["betas"]) == ((0.9, 0.98), (0.1, 0.2))
    assert {(group["part"], group["start"]) for group in optimizer.param_groups} == {
        ("separator", 0), ("features", 0), ("encoder", 0), ("encoder", 7), ("head", 0),
    }  # fmt: skip


def test_the_values_of_a_part_fall_back_to_those_of_all() -> None:
    config = OptimizerConfig(schedule="linear", warmup_steps=5, head=PartConfig(rate=0.0, warmup_steps=0))
    common = {"name": "adamw", "betas": (0.9, 0.98), "momentum": 0.9, "schedule": "linear", "max_norm": None}
    assert config.of("head") == PartOptimizer(rate=0.0, decay=0.01, warmup_steps=0, **common)
    assert config.of("adapter") == PartOptimizer(rate=1e-3, decay=0.01, warmup_steps=5, **common)
    slow = OptimizerConfig(head=PartConfig("sgd", schedule="plateau")).at_constant_rates()
    assert slow == OptimizerConfig(schedule="constant", head=PartConfig("sgd"))


def steps(name: OptimizerName, gradients: list[float], decay: float = 0.0) -> list[float]:
    """A weight that begins at 1 and has these gradients, at a rate of 0.1."""
    weight = nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
    part = OptimizerConfig(name=name, betas=(0.5, 0.75)).of("head")
    group = {"params": [weight], "lr": 0.1, "weight_decay": decay, **OPTIMIZERS[name].options(part)}
    optimizer = OPTIMIZERS[name].make([group])
    found = []
    for gradient in gradients:
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        found.append(float(weight.detach()))
    return found


def test_sgd_with_momentum_by_hand() -> None:
    # Momentum 0.9: 2, 0.9 * 2 + 1 = 2.8, 0.9 * 2.8 - 1 = 1.52.
    assert steps("sgd", [2, 1, -1]) == pytest.approx([0.8, 0.52, 0.368])
    # Decay is part of the gradient: 2 + 0.5 * 1, then 0.9 * 2.5 + 1 + 0.5 * 0.75.
    assert steps("sgd", [2, 1], 0.5) == pytest.approx([0.75, 0.75 - 0.1 * 3.625])


def test_adam_and_adamw_by_hand() -> None:
    # Moments 1 and 1 without bias; then (0.5 * 1 + 0.5 * 1) / 0.75 and (0.75 * 1 + 0.25 * 1) / 0.4375 of it.
    first = 0.5 * 2 / 0.5 / math.sqrt(0.25 * 4 / 0.25)
    second = (0.5 * 1.0 + 0.5 * 1) / 0.75 / math.sqrt((0.75 * 1.0 + 0.25 * 1) / 0.4375)
    expected = [1 - 0.1 * first, 1 - 0.1 * first - 0.1 * second]
    assert steps("adam", [2, 1]) == pytest.approx(expected, abs=1e-7)
    assert steps("adamw", [2, 1]) == pytest.approx(expected, abs=1e-7)
    # AdamW takes decay from the weight; Adam adds it to the gradient, whose size hardly matters.
    assert steps("adamw", [2], 0.5)[0] == pytest.approx(1 - 0.05 - 0.1, abs=1e-7)
    assert steps("adam", [2], 0.5)[0] == pytest.approx(1 - 0.1, abs=1e-7)


def test_adafactor_keeps_rows_and_columns_of_a_matrix_only() -> None:
    weight = nn.Parameter(torch.ones(4, 6))
    optimizer = OPTIMIZERS["adafactor"].make([{"params": [weight], "lr": 0.1, "weight_decay": 0.0}])
    weight.grad = torch.full((4, 6), 3.0)
    optimizer.step()
    # The first update is the gradient over its root mean square, times rate and the weight's root mean square.
    assert torch.allclose(weight, torch.full((4, 6), 0.9))
    shapes = {name: tuple(value.shape) for name, value in optimizer.state[weight].items()}
    assert shapes == {"step": (), "row_var": (4, 1), "col_var": (1, 6)}


def joined(weights: list[nn.Parameter]) -> JoinedOptimizer:
    kinds: list[Optimizer] = [SGD([weights[0]], lr=0.1, momentum=0.9), AdamW([weights[1]], lr=0.1)]
    return JoinedOptimizer(kinds)


def test_several_optimizers_act_as_one_also_after_a_state_was_loaded() -> None:
    weights = [nn.Parameter(torch.ones(2)) for _ in range(2)]
    optimizer = joined(weights)
    alone = [nn.Parameter(torch.ones(2)) for _ in range(2)]
    each: list[Optimizer] = [SGD([alone[0]], lr=0.1, momentum=0.9), AdamW([alone[1]], lr=0.1)]
    for step in range(4):
        if step == 2:
            # As Accelerate does, and a resumed run.
            others = joined(weights)
            others.load_state_dict(optimizer.state_dict())
            optimizer = others
        for group in [*optimizer.param_groups, *(group for one in each for group in one.param_groups)]:
            group["lr"] = 0.1 / (step + 1)
        for weight in (*weights, *alone):
            weight.grad = torch.tensor([1.0, -0.5 * step])
        optimizer.step()
        for one in each:
            one.step()
        assert all(map(torch.equal, weights, alone)), step
    assert set(optimizer.state) == set(weights)
    optimizer.zero_grad()
    assert [weight.grad for weight in weights] == [None, None]


def test_every_name_has_an_optimizer() -> None:
    assert tuple(OPTIMIZERS) == get_args(OptimizerName)
