"""Where a run comes from: its command, code, data, machine and libraries."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
import torch

from lyricsrec.version import VERSION

_LIBRARIES = ("torch", "transformers", "accelerate", "demucs", "numpy", "safetensors", "soundfile", "av")
_WAIT_S = 10.0


def provenance(manifests: Mapping[str, str | None], *, num_processes: int = 1) -> dict[str, Any]:
    """What is the same for all checkpoints of a run, as plain values; nothing in it makes a run fail.

    `manifests` has the files that list its data, with their digests.
    """
    return {
        "lyricsrec": VERSION,
        "command": sys.argv,
        "git": git_state(Path.cwd()),
        "manifests": dict(manifests),
        "hardware": {**_hardware(), "processes": num_processes},
        "python": platform.python_version(),
        "libraries": {name: found for name in _LIBRARIES if (found := _version(name)) is not None},
    }


def git_state(folder: Path) -> dict[str, Any] | None:
    """The commit of the repository that a folder is in, and whether files differ from it; None without git."""
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changed is None else bool(changed)}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_WAIT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _hardware() -> dict[str, Any]:
    found: dict[str, Any] = {
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
    }
    if torch.cuda.is_available():
        found |= {"gpus": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]}
        found |= {"cuda": torch.version.cuda}
    return found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
