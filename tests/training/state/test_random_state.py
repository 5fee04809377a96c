"""Random generators go on exactly where they were."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from lyricsrec.base.errors import ModelError
from lyricsrec.training.state.random_state import random_state, read_random_state, set_random_state, write_random_state

CPU = torch.device("cpu")


def draw() -> list[object]:
    return [
        *(random.random() for _ in range(5)),
        random.gauss(0, 1),
        *np.random.random(5).tolist(),
        float(np.random.standard_normal()),
        *torch.rand(5).tolist(),
        *torch.randn(3).tolist(),
    ]


def test_a_file_keeps_all_generators(tmp_path: Path) -> None:
    random.seed(1)
    np.random.seed(2)
    torch.manual_seed(3)
    # An odd number of normal values leaves one in store.
    random.gauss(0, 1)
    np.random.standard_normal()
    torch.randn(1)
    write_random_state(random_state(CPU), tmp_path, 1)
    expected = draw()
    assert draw() != expected
    random.seed(9)
    np.random.seed(9)
    torch.manual_seed(9)
    state = read_random_state(tmp_path, 1)
    assert state is not None
    set_random_state(state, CPU)
    assert draw() == expected


def test_a_state_is_not_moved_by_later_draws() -> None:
    state = random_state(CPU)
    first = draw()
    set_random_state(state, CPU)
    assert draw() == first
    set_random_state(state, CPU)
    assert draw() == first


def test_processes_have_files_of_their_own_without_pickles(tmp_path: Path) -> None:
    write_random_state(random_state(CPU), tmp_path, 0)
    write_random_state(random_state(CPU), tmp_path, 12)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["random-0.safetensors", "random-12.safetensors"]
    assert read_random_state(tmp_path, 1) is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    write_random_state(random_state(CPU), tmp_path, 0)
    whole = (tmp_path / "random-0.safetensors").read_bytes()
    for damaged in (b"", whole[:100], b"x" * 999):
        (tmp_path / "random-0.safetensors").write_bytes(damaged)
        with pytest.raises(ModelError, match=r"random-0\.safetensors: damaged"):
            read_random_state(tmp_path, 0)
