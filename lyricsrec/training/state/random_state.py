"""States of a process's random generators, saved so that a resumed run continues with the same random numbers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from lyricsrec.base.errors import ModelError
from lyricsrec.base.output import display_name

_NAME = "random-{}.safetensors"


@dataclass(frozen=True, eq=False)
class RandomState:
    """States of the generators of Python, NumPy, torch and a GPU: tensors, and the rest as JSON."""

    tensors: dict[str, Tensor]
    rest: str


def random_state(device: torch.device) -> RandomState:
    """The current states of this process's generators."""
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()
    tensors = {
        "python": torch.tensor(numbers, dtype=torch.int64),
        "numpy": torch.from_numpy(np.asarray(keys).astype(np.int64)),
        "torch": torch.get_rng_state(),
    }
    if device.type == "cuda":
        tensors["cuda"] = torch.cuda.get_rng_state(device)
    rest = {"python": [version, gauss], "numpy": [str(name), int(position), int(has_gauss), float(cached)]}
    return RandomState(tensors, json.dumps(rest))


def set_random_state(state: RandomState, device: torch.device) -> None:
    """Set this process's generators to a state."""
    rest = json.loads(state.rest)
    version, gauss = rest["python"]
    random.setstate((version, tuple(state.tensors["python"].tolist()), gauss))
    name, position, has_gauss, cached = rest["numpy"]
    np.random.set_state((name, state.tensors["numpy"].numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(state.tensors["torch"])
    if device.type == "cuda" and "cuda" in state.tensors:
        torch.cuda.set_rng_state(state.tensors["cuda"], device)


@contextmanager
def keeping_random_state(device: torch.device) -> Iterator[None]:
    """Reset the generators after the block to their states before it."""
    state = random_state(device)
    yield
    set_random_state(state, device)


def write_random_state(state: RandomState, folder: Path, rank: int) -> None:
    """Write the state of a process into a folder."""
    save_file(state.tensors, folder / _NAME.format(rank), {"rest": state.rest})


def read_random_state(folder: Path, rank: int) -> RandomState | None:
    """The state of a process in a folder, None for a process that did not exist when it was written.

    Raises ModelError when its file is damaged.
    """
    path = folder / _NAME.format(rank)
    if not path.is_file():
        return None
    try:
        with safe_open(str(path), framework="pt") as file:
            return RandomState(load_file(path), file.metadata()["rest"])
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{display_name(path)}: damaged ({error})", "Resume from an older checkpoint.") from None
