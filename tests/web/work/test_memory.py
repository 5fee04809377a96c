"""The memory limit of the worker, and what its exit code means, on each system."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lyricsrec.web.work import memory
from lyricsrec.web.work.memory import limit_bytes, limit_own_memory, reason_of, used_bytes

GIB = 1 << 30


def test_the_limit_is_that_of_the_setting_or_a_share_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limit_bytes(1.5) == 1.5 * GIB
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: type("Memory", (), {"total": 10 * GIB}))
    monkeypatch.setattr(memory, "_CGROUP_LIMITS", (tmp_path / "memory.max", tmp_path / "missing"))
    assert limit_bytes(0) == 8 * GIB
    (tmp_path / "memory.max").write_text("max\n")
    assert limit_bytes(0) == 8 * GIB
    (tmp_path / "memory.max").write_text(f"{5 * GIB}\n")
    assert limit_bytes(0) == 4 * GIB


@pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's limit")
@pytest.mark.parametrize("allocation", ["bytearray(2 << 30)", "__import__('numpy').ones(2 << 27)"])
def test_an_allocation_beyond_the_limit_is_an_error_in_the_process(allocation: str) -> None:
    code = f"""
from lyricsrec.web.work.memory import limit_own_memory
import numpy
limit_own_memory(1 << 30)
kept = bytearray(100 << 20)
try:
    {allocation}
except MemoryError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_systems_without_the_limit_set_none(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(memory.sys, "platform", platform)
    # Windows has no such module.
    monkeypatch.setitem(sys.modules, "resource", None)
    limit_own_memory(1)


def test_the_memory_of_a_process() -> None:
    code = "print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert used_bytes(process.pid) > 1 << 20
        process.communicate(b"\n")
    assert used_bytes(process.pid) == 0


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (-signal.SIGKILL, "the system ended the process, most likely because memory ran out (SIGKILL)"),
        (-signal.SIGSEGV, "the process crashed in a library (SIGSEGV)"),
        (-signal.SIGABRT, "the process crashed in a library (SIGABRT)"),
        (-60, "the process crashed in a library (signal 60)"),
        (1, "the process ended with exit code 1"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_reasons_by_signals(code: int, reason: str) -> None:
    assert reason_of(code) == reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (0xC0000005, "it crashed in a library (access violation)"),
        (0xC0000005 - (1 << 32), "it crashed in a library (access violation)"),
        (0xC0000017, "memory ran out"),
        (3, "the process ended with exit code 3"),
    ],
)
def test_reasons_on_windows(monkeypatch: pytest.MonkeyPatch, code: int, reason: str) -> None:
    monkeypatch.setattr(memory.sys, "platform", "win32")
    assert reason_of(code) == reason


def test_the_reason_for_exceeding_the_limit() -> None:
    assert reason_of(-9, exceeded=3 * GIB // 2) == "it needs more memory than the limit of 1.5 GiB"
