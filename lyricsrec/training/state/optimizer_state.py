"""The state of an optimizer by the names of parameters, so that it fits other groups and other frozen parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn
from torch.optim import Optimizer

_FIRST = "adamw"
"""The optimizer of checkpoints that do not name one."""


def optimizer_state(optimizer: Optimizer, names: Mapping[nn.Parameter, str]) -> dict[str, Any]:
    """The state of each parameter and the groups, with parameters by name."""
    whole, order = optimizer.state_dict(), _order(optimizer, names)
    groups = [{**group, "params": [order[i] for i in group["params"]]} for group in whole["param_groups"]]
    return {"state": {order[i]: value for i, value in whole["state"].items()}, "param_groups": groups}


def load_optimizer_state(optimizer: Optimizer, names: Mapping[nn.Parameter, str], saved: Mapping[str, Any]) -> None:
    """Give an optimizer the saved state of each parameter that had the same kind of optimizer.

    Its groups stay as they are: rates, decay and the like are those of the settings, which may have changed.
    """
    kinds = {name: group.get("optimizer", _FIRST) for group in saved["param_groups"] for name in group["params"]}
    own = [group["optimizer"] for group in optimizer.param_groups for _ in group["params"]]
    state = {
        i: saved["state"][name]
        for i, (name, kind) in enumerate(zip(_order(optimizer, names), own, strict=True))
        if name in saved["state"] and kinds.get(name) == kind
    }
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _order(optimizer: Optimizer, names: Mapping[nn.Parameter, str]) -> list[str]:
    """The names of an optimizer's parameters in the order of its state."""
    return [names[parameter] for group in optimizer.param_groups for parameter in group["params"]]
