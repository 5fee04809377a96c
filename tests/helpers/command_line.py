"""The command line as its users meet it: a process, its streams and its exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from helpers import warm_process
from helpers.files import ROOT

Cli = Callable[..., "subprocess.CompletedProcess[bytes]"]

NEW_PROCESS = (sys.executable, "-m", "lyricsrec")
"""The command as users start it."""


@contextmanager
def warm_command(folder: Path) -> Iterator[Sequence[str]]:
    """The same, but forked from a process that has imported the slow libraries, where that is possible."""
    if not hasattr(os, "fork"):
        yield NEW_PROCESS
        return
    script, path = warm_process.__file__, str(folder / "socket")
    with subprocess.Popen(
        [sys.executable, script, "serve", path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment_in(folder),
        cwd=ROOT,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield (sys.executable, "-I", "-S", script, "run", path)


def environment_in(folder: Path) -> dict[str, str]:
    """Environment variables for a command: no network, and empty caches in a folder."""
    return {
        **os.environ,
        "HF_HOME": str(folder / "hub"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": str(ROOT),
    }


def run_in(folder: Path, command: Sequence[str] = NEW_PROCESS) -> Cli:
    """A function that runs `lyricsrec` with arguments in a folder and its empty caches, without a terminal."""

    def run(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*command, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=300,
            cwd=folder,
            env=environment_in(folder) | environment,
        )

    return run


def check_error(done: subprocess.CompletedProcess[bytes], code: int, message: str) -> None:
    """It exited with this code and a message like this one, without a traceback."""
    stderr = done.stderr.decode()
    assert done.returncode == code, stderr
    assert re.search(message, " ".join(stderr.split())), stderr
    assert "Traceback" not in stderr
