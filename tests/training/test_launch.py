"""Groups of processes: those that a launcher started, and those started here."""

from __future__ import annotations

import os
import sys

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.training import launch
from lyricsrec.training.launch import is_in_group, join_slurm, start_processes

NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No launcher around; whatever a test sets is gone after it."""
    for name in [*NAMES, *(name for name in os.environ if name.startswith("SLURM_"))]:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def slurm(monkeypatch: pytest.MonkeyPatch, **values: str) -> dict[str, str]:
    for name, value in values.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    join_slurm()
    return {name: os.environ[name] for name in NAMES if name in os.environ}


def test_a_process_of_srun_joins_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    found = slurm(monkeypatch, PROCID="5", NTASKS="8", LOCALID="1", JOB_NODELIST="node[03-07,12],login")
    assert found == {
        "RANK": "5",
        "WORLD_SIZE": "8",
        "LOCAL_RANK": "1",
        "MASTER_ADDR": "node03",
        "MASTER_PORT": "29500",
    }
    assert is_in_group()


def test_what_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_ADDR", "10.0.0.1")
    monkeypatch.setenv("MASTER_PORT", "1234")
    found = slurm(monkeypatch, PROCID="0", NTASKS="2", JOB_NODELIST="a,b")
    assert (found["MASTER_ADDR"], found["MASTER_PORT"], found["LOCAL_RANK"]) == ("10.0.0.1", "1234", "0")
    monkeypatch.setenv("RANK", "7")
    assert slurm(monkeypatch, PROCID="3", NTASKS="9")["RANK"] == "7"


@pytest.mark.parametrize("values", [{}, {"PROCID": "0"}, {"PROCID": "0", "NTASKS": "1"}])
def test_a_process_alone_is_no_group(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    assert slurm(monkeypatch, **values) == {}
    assert not is_in_group()


@pytest.mark.parametrize(
    ("nodes", "host"),
    [
        ("localhost", "localhost"),
        ("a,b", "a"),
        ("node7", "node7"),
        ("node[03-07,12]", "node03"),
        ("node[3,5-9]", "node3"),
        ("gpu-a[001-002],gpu-b1", "gpu-a001"),
        ("login,node[1-2]", "login"),
        ("rack1-n[10-12]-ib", "rack1-n10-ib"),
    ],
)
def test_the_first_host_of_a_list(nodes: str, host: str) -> None:
    assert launch._first_host(nodes) == host


def test_a_command_line_without_gpus() -> None:
    assert launch._without_gpus(["train", "--gpus", "4", "-o", "run", "--gpus=2", "--quiet"]) == [
        "train",
        "-o",
        "run",
        "--quiet",
    ]
    assert launch._without_gpus(["train", "--data", "4"]) == ["train", "--data", "4"]


@pytest.mark.parametrize(("found", "message", "hint"), [(0, "no GPUs", "Leave out --gpus"), (1, "1 GPU$", "--gpus 1")])
def test_more_gpus_than_there_are(monkeypatch: pytest.MonkeyPatch, found: int, message: str, hint: str) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: found)
    with pytest.raises(UsageError, match=f"--gpus 4, but this machine has {message}") as caught:
        start_processes(4, "auto", ["train"])
    assert hint in str(caught.value.hint)


class _Process:
    """Stands for the launcher; remembers how it was started and ends with a code."""

    started: tuple[list[str], dict[str, str]]
    code = 3

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        type(self).started = (command, env)

    def wait(self) -> int:
        return self.code


@pytest.mark.parametrize(("code", "exit_code"), [(0, 0), (3, 3), (-15, 143)])
def test_processes_run_the_same_command_line(monkeypatch: pytest.MonkeyPatch, code: int, exit_code: int) -> None:
    monkeypatch.setattr("subprocess.Popen", _Process)
    monkeypatch.setattr(_Process, "code", code)
    monkeypatch.setattr(sys, "argv", ["lyricsrec", "train", "--gpus", "2", "--device", "cpu"])
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert start_processes(2, "cpu") == exit_code
    command, environment = _Process.started
    assert command[:3] == [sys.executable, "-m", "lyricsrec.training.launch"]
    assert "--nproc-per-node=2" in command
    assert command[-5:] == ["-m", "lyricsrec", "train", "--device", "cpu"]
    assert environment["OMP_NUM_THREADS"] == "4"
