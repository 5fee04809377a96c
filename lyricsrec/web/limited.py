"""Child processes of the server, with limits on time and memory: nothing that a client sends is read in the server.

A module that reads runs as `python -m MODULE TIME_S MEMORY_GIB FILE_GIB ARGUMENT...`, calls `begin`, and prints JSON
documents, one a line: `{"done_s": ...}` for progress, and last its result. Limits that a system lacks (macOS: memory;
Windows: all but the time) do not apply there.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.base.progress import Report, ignore

LIMITS_MEMORY = sys.platform not in ("win32", "darwin")
"""Whether this system can limit the memory of a process."""

TOKEN_VARIABLE = "LYRICSREC_TOKEN"

_OOM_SCORE = "800"
_GIB = 1 << 30
_STARTUP_S = 30.0
_NICENESS = 5


@dataclass(frozen=True)
class Limits:
    """What reading a file may take: seconds (of processor time, and of waiting), GiB of memory, and GiB to write."""

    time_s: float
    memory_gib: float
    file_gib: float = 0.0


def lower_priority(niceness: int) -> None:
    """Lower the priority of this process, and make it the first that the system kills when memory runs out."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def child_environment() -> dict[str, str]:
    """Environment variables for a child process, without the access token.

    The child imports modules from where this process does, and not from the folder in which the server was started.
    """
    kept = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONSAFEPATH": "1"}


def run_limited(
    module: str, arguments: Sequence[str], limits: Limits, *, stdin: bytes = b"", report: Report = ignore
) -> dict[str, Any] | None:
    """Run a module in a child process and return its result, None where it failed, crashed or exceeded the limits.

    The child reads `stdin` before it prints; `report` is called with each `done_s`, and may raise to end the child.
    """
    command = [sys.executable, "-m", module, *map(str, astuple(limits)), *arguments]
    # Each thread of a numerical library would reserve memory that counts towards the limit.
    environment = child_environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        timeout = threading.Timer(limits.time_s + _STARTUP_S, process.kill)
        timeout.start()
        try:
            assert process.stdin is not None
            # A child that died takes no input.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(stdin)
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            return _read_result(process, report)
        except BaseException:
            process.kill()
            raise
        finally:
            timeout.cancel()


def _read_result(process: subprocess.Popen[bytes], report: Report) -> dict[str, Any] | None:
    """The last document of a process, None where it failed."""
    assert process.stdout is not None
    result: dict[str, Any] | None = None
    for line in process.stdout:
        try:
            document = json.loads(line)
        except ValueError:
            return None
        if "done_s" in document:
            report(document["done_s"])
        else:
            result = document
    return result if process.wait() == 0 else None


def begin() -> list[str]:
    """Limit this process, a child of `run_limited`, and return the arguments of the module."""
    limits, arguments = map(float, sys.argv[1:4]), sys.argv[4:]
    lower_priority(_NICENESS)
    apply(Limits(*limits))
    return arguments


def print_document(document: dict[str, Any]) -> None:
    """Print a document for `run_limited` to read."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def apply(limits: Limits) -> None:
    """Limit this process, as far as the system can."""
    if sys.platform == "win32":
        return
    import resource

    memory, seconds = round(limits.memory_gib * _GIB), math.ceil(limits.time_s)
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: round(limits.file_gib * _GIB),
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
