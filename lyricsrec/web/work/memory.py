"""The memory limit of the worker, and what its end means.

The limit counts what the worker itself allocates (RLIMIT_DATA on Linux: not libraries, files or what a graphics card
reserves), so that a song which needs too much fails alone. Where a system has no such limit, or a library goes around
it, the server watches the worker's memory and ends it.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path

import psutil

_GIB = 1 << 30
_SHARE = 0.8
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_WINDOWS = {
    0xC0000005: "it crashed in a library (access violation)",
    0xC0000017: "memory ran out",
    0xC00000FD: "it crashed in a library (stack overflow)",
    0xC0000374: "it crashed in a library (damaged heap)",
}


def limit_bytes(gib: float) -> int:
    """The limit for a setting in GiB; 0 means four fifths of what this machine, or its container, has."""
    return round((gib * _GIB) if gib else _SHARE * _available())


def _available() -> int:
    """The memory of this machine, or of the container that it is, in bytes."""
    found = [int(psutil.virtual_memory().total)]
    for path in _CGROUP_LIMITS:
        # "max" means no limit.
        with contextlib.suppress(OSError, ValueError):
            found.append(int(path.read_text("utf-8")))
    return min(found)


def limit_own_memory(limit: int) -> None:
    """Make allocations beyond a limit in bytes fail in this process, as far as the system can."""
    if sys.platform in ("win32", "darwin"):
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def used_bytes(pid: int) -> int:
    """The memory that a process uses, 0 once it has ended."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def reason_of(code: int, *, exceeded: int | None = None) -> str:
    """Why a worker ended, as a clause to display: by its exit code, or because it `exceeded` a limit in bytes."""
    if exceeded is not None:
        return f"it needs more memory than the limit of {exceeded / _GIB:.3g} GiB"
    if sys.platform == "win32":
        return _WINDOWS.get(code & 0xFFFFFFFF, f"the process ended with exit code {code}")
    if code >= 0:
        return f"the process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name == "SIGKILL":
        return "the system ended the process, most likely because memory ran out (SIGKILL)"
    return f"the process crashed in a library ({name})"
