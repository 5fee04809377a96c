"""Clipping: all parts together, or some by themselves."""

from __future__ import annotations

import math

import pytest
import torch
from accelerate import Accelerator
from torch import nn
from torch.optim import SGD

from lyricsrec.training.optimization.clipping import clip_gradients, limits_of
from lyricsrec.training.settings import OptimizerConfig, PartConfig

GRADIENTS = {"separator": [30.0, 40.0], "encoder": [3.0, 4.0], "head": [0.0, 12.0]}


def clipped(
    accelerator: Accelerator, config: OptimizerConfig, gradients: dict[str, list[float]] = GRADIENTS
) -> tuple[float, dict[str, list[float]]]:
    module = nn.ParameterDict({part: nn.Parameter(torch.zeros(2)) for part in GRADIENTS})
    groups = [{"params": [module[part]], "part": part} for part in GRADIENTS]
    for part, gradient in gradients.items():
        module[part].grad = torch.tensor(gradient)
    norm = clip_gradients(accelerator, module, SGD(groups, lr=1.0), config)
    return norm, {part: module[part].grad.tolist() for part in GRADIENTS}


def test_all_parts_together(accelerator: Accelerator) -> None:
    norm, found = clipped(accelerator, OptimizerConfig(max_norm=1.0))
    whole = math.sqrt(50**2 + 5**2 + 12**2)
    assert norm == pytest.approx(whole)
    for part, gradient in GRADIENTS.items():
        assert found[part] == pytest.approx([value / whole for value in gradient], abs=1e-6)


def test_a_part_with_a_limit_of_its_own_is_clipped_by_itself(accelerator: Accelerator) -> None:
    config = OptimizerConfig(max_norm=6.5, separator=PartConfig(max_norm=0.5))
    norm, found = clipped(accelerator, config)
    assert norm == pytest.approx(math.sqrt(50**2 + 13**2))
    assert found["separator"] == pytest.approx([0.3, 0.4])
    # 5 and 12 together are 13.
    assert found["encoder"] == pytest.approx([1.5, 2.0])
    assert found["head"] == pytest.approx([0.0, 6.0])
    assert limits_of(config) == {"separator": 0.5}


def test_a_gradient_that_is_not_finite_is_found_in_any_part(accelerator: Accelerator) -> None:
    for part in GRADIENTS:
        gradients = {**GRADIENTS, part: [math.nan, 1.0]}
        norm, _ = clipped(accelerator, OptimizerConfig(head=PartConfig(max_norm=0.5)), gradients)
        assert not math.isfinite(norm), part
