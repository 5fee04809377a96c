"""Checkpoints: exact, whole or not there, and never a pickle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from helpers.files import EXAMPLES
from safetensors.torch import save_file
from torch import Tensor

from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.training.data.position import Batching, Leg, Position
from lyricsrec.training.state.best import Candidate
from lyricsrec.training.state.checkpoint import (
    BEST,
    LAST,
    STATE,
    Checkpoints,
    TrainingState,
    read_state,
    write_state,
)


def state_of(step: int) -> TrainingState:
    """A state with all that a real one holds."""
    random = torch.Generator().manual_seed(step)
    moments = {
        "acoustic.ctc.lm_head.weight": {
            "step": torch.tensor(float(step)),
            "exp_avg": torch.randn(3, 2, generator=random),
            "exp_avg_sq": torch.rand(3, 2, generator=random).to(torch.bfloat16),
        },
        "scalar": {"exp_avg": torch.tensor(1e-30), "empty": torch.zeros(0, 4)},
    }
    groups = [{"params": ["acoustic.ctc.lm_head.weight"], "lr": 0.1 + step, "betas": [0.9, 0.98], "fused": None}]
    return TrainingState(
        Position(step, 3, 7, earlier=(Leg(Batching(30.0, 50, 1), 4),)),
        {"state": moments, "param_groups": groups},
        {"last_epoch": step, "_last_lr": [1e-3 / 3]},
        scaler={"scale": 65536.0},
        metrics={"validation/ctc": 0.1 + 0.2},
        best=(Candidate(step, 1 / 3, 0.1, loss=2.5), Candidate(1, 0.5, 0.2, loss=3.0)),
        batching=Batching(60.0, 50, 2),
        data="0123abcd",
        num_unreadable=2,
        num_skipped=1,
    )


def same(ours: object, theirs: object) -> bool:
    """Whether two nests are equal, tensors to the bit."""
    if isinstance(ours, Tensor):
        return isinstance(theirs, Tensor) and ours.dtype == theirs.dtype and torch.equal(ours, theirs)
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


def save(checkpoints: Checkpoints, step: int, *best: int) -> Path:
    with checkpoints.writing(step, best) as folder:
        (folder / "model.safetensors").write_text(f"weights of {step}")
        write_state(folder, state_of(step))
    return checkpoints.path(step)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_state_comes_back_to_the_bit(tmp_path: Path) -> None:
    state = state_of(5)
    read = read_state(save(Checkpoints(tmp_path, 2), 5))
    assert same(vars(read) | {"position": None}, vars(state) | {"position": None})
    assert read.position == Position(5, 3, 7, earlier=(Leg(Batching(30.0, 50, 1), 4),))


def test_a_state_without_extras_comes_back(tmp_path: Path) -> None:
    (tmp_path / STATE).mkdir()
    write_state(tmp_path, TrainingState(Position(), {"state": {}, "param_groups": []}, {}))
    assert read_state(tmp_path) == TrainingState(Position(), {"state": {}, "param_groups": []}, {})


def test_no_file_is_a_pickle(tmp_path: Path) -> None:
    folder = save(Checkpoints(tmp_path, 2), 1)
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".safetensors", ".json"}
    assert json.loads((folder / STATE / "progress.json").read_text())["schema"] == 1


def test_last_and_best_point_at_whole_checkpoints(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 5)
    assert checkpoints.last() is None
    save(checkpoints, 9, 9)
    assert names(tmp_path) == ["best", "last", "step-00000009"]
    save(checkpoints, 10, 9)
    assert checkpoints.last() == tmp_path / "step-00000010"
    assert ((tmp_path / LAST).resolve().name, (tmp_path / BEST).resolve().name) == ("step-00000010", "step-00000009")
    assert (tmp_path / LAST).readlink() == Path("step-00000010")
    assert (tmp_path / BEST / "model.safetensors").read_text() == "weights of 9"


def test_only_so_many_are_kept_and_the_best(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 2)
    for step in (1, 2, 3, 4):
        save(checkpoints, step, 1)
    assert names(tmp_path) == ["best", "last", "step-00000001", "step-00000003", "step-00000004"]
    save(checkpoints, 5, 5)
    assert names(tmp_path) == ["best", "last", "step-00000004", "step-00000005"]


def test_the_best_few_are_kept_and_the_first_of_them_is_best(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 1)
    for step, best in [(1, [1]), (2, [1, 2]), (3, [3, 1]), (4, [3, 1]), (5, [1, 3])]:
        save(checkpoints, step, *best)
    assert names(tmp_path) == ["best", "last", "step-00000001", "step-00000003", "step-00000005"]
    # After step 5 another metric decides.
    assert (tmp_path / BEST).resolve().name == "step-00000001"


@pytest.mark.skipif(sys.platform == "win32", reason="no permissions there")
def test_others_can_read_a_checkpoint_as_the_umask_allows(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with Checkpoints(tmp_path).writing(1) as folder:
            save_file({"x": torch.zeros(1)}, folder / "model.safetensors")
            write_state(folder, state_of(1))
    finally:
        os.umask(before)
    files = [path for path in (tmp_path / "step-00000001").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o640}


def test_a_step_can_be_saved_again(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 2)
    save(checkpoints, 3)
    with checkpoints.writing(3) as folder:
        write_state(folder, state_of(99))
    assert read_state(checkpoints.path(3)).position.step == 99
    assert names(tmp_path) == ["last", "step-00000003"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("I/O error: no space")])
def test_a_failure_leaves_what_was_there(tmp_path: Path, error: Exception) -> None:
    checkpoints = Checkpoints(tmp_path, 1)
    older = save(checkpoints, 1, 1)

    def fail() -> None:
        with checkpoints.writing(2, [2]) as folder:
            write_state(folder, state_of(2))
            raise error

    with pytest.raises(OutputError, match=r"checkpoint of step 2 into .*(No space|no space)") as caught:
        fail()
    assert "--resume" in str(caught.value.hint)
    assert names(tmp_path) == ["best", "last", "step-00000001"]
    assert checkpoints.last() == older == (tmp_path / LAST).resolve()
    assert same(read_state(older).optimizer, state_of(1).optimizer)


def test_an_interrupt_leaves_what_was_there(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 1)
    save(checkpoints, 1)
    with pytest.raises(KeyboardInterrupt), checkpoints.writing(2, [2]):
        raise KeyboardInterrupt
    assert names(tmp_path) == ["last", "step-00000001"]


FULL_DISK = """
import resource, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from lyricsrec.base.errors import OutputError
from lyricsrec.training.data.position import Position
from lyricsrec.training.state.checkpoint import Checkpoints, TrainingState, write_state

checkpoints = Checkpoints(Path(sys.argv[1]), 2)
def save(step, size):
    with checkpoints.writing(step) as folder:
        if sys.argv[2] == "weights":
            save_file({"x": torch.zeros(size)}, folder / "model.safetensors")
            size = 1
        write_state(folder, TrainingState(Position(step), {"x": torch.ones(size)}, {}))
save(1, 10)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    save(2, 100_000)
except OutputError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files there")
@pytest.mark.parametrize("place", ["weights", "state"])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, place: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), place],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parent)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cannot write the checkpoint of step 2 into ")
    assert names(tmp_path) == ["last", "step-00000001"]
    assert read_state(tmp_path / LAST).position.step == 1


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 2)
    save(checkpoints, 1)
    half = tmp_path / ".step-00000002-0123abcd.tmp"
    (half / STATE).mkdir(parents=True)
    (half / STATE / "progress.json").write_text("{}")
    assert checkpoints.last() == checkpoints.path(1)
    checkpoints.sweep()
    assert names(tmp_path) == ["last", "step-00000001"]


def test_a_folder_without_a_state_is_no_checkpoint(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 2)
    save(checkpoints, 1)
    (tmp_path / "step-00000002").mkdir()
    assert checkpoints.last() == checkpoints.path(1)
    with pytest.raises(ModelError, match="step-00000002: no training state to resume from"):
        read_state(tmp_path / "step-00000002")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("progress.json", b""),
        ("progress.json", b"{}"),
        ("progress.json", b"[]"),
        ("progress.json", b"\xff"),
        ("progress.json", b'{"schema": 1, "position": {"step": 1}}'),
        ("optimizer.safetensors", b""),
        ("optimizer.safetensors", b"cut"),
        ("optimizer.safetensors", None),
    ],
)
def test_a_damaged_state_is_named(tmp_path: Path, file: str, damage: bytes | None) -> None:
    folder = save(Checkpoints(tmp_path, 2), 1)
    path = folder / STATE / file
    path.write_bytes(path.read_bytes()[:-5] if damage is None else damage)
    with pytest.raises(ModelError, match="step-00000001: damaged") as caught:
        read_state(folder)
    assert caught.value.hint == "Resume from an older checkpoint."


def test_a_state_of_another_schema_is_named(tmp_path: Path) -> None:
    folder = save(Checkpoints(tmp_path, 2), 1)
    path = folder / STATE / "progress.json"
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 2'))
    with pytest.raises(ModelError, match="schema version 2; this version of lyricsrec reads 1"):
        read_state(folder)


def test_where_there_are_no_links_names_are_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    checkpoints = Checkpoints(tmp_path, 1)
    save(checkpoints, 1, 1)
    save(checkpoints, 2, 1)
    assert names(tmp_path) == ["best", "last", "step-00000001", "step-00000002"]
    assert read_state(tmp_path / LAST).position.step == 2
    assert read_state(tmp_path / BEST).position.step == 1


def test_all_checkpoints_can_be_deleted_and_the_rest_stays(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, 2)
    for step in (1, 2):
        save(checkpoints, step, 1)
    (tmp_path / ".step-00000003-abc.tmp").mkdir()
    (tmp_path / "metrics.jsonl").write_text("{}\n")
    checkpoints.delete()
    assert names(tmp_path) == ["metrics.jsonl"]
    checkpoints.delete()
    assert checkpoints.last() is None
