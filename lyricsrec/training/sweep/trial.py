"""One trial of a sweep: a training run as a child process in its own folder."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from lyricsrec.base.output import write_text
from lyricsrec.training.log import metrics
from lyricsrec.training.sweep.validations import Validation, ValidationReader

if TYPE_CHECKING:
    from optuna.trial import Trial

LOG = "trial.log"
_CHILD = "child.json"
_GRACE_S = 120.0
"""How long a child may take for its last step and its checkpoint."""


class RunningTrial:
    """A child process that trains in `folder`, and Optuna's trial to which its figures belong."""

    def __init__(self, trial: Trial, folder: Path, *, slot: int) -> None:
        self.trial, self.folder, self.slot = trial, folder, slot
        self.is_pruned = False
        self.best: Validation | None = None
        self._reader = ValidationReader(folder / metrics.NAME)
        self._reported = set(trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the child, with its messages in a log file. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOG).open("ab") as log:
            # In a session of its own: Ctrl-C is passed on by the sweep, once.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        with contextlib.suppress(psutil.Error):
            started = psutil.Process(self._process.pid).create_time()
            write_text(self.folder / _CHILD, json.dumps({"pid": self._process.pid, "started": started}))

    def new_validations(self, metric: str) -> list[Validation]:
        """The validations since the last call that Optuna does not know yet; the best so far is kept in `best`."""
        fresh = self._reader.new()
        for validation in fresh:
            if self.best is None or validation.value(metric) < self.best.value(metric):  # type: ignore[arg-type]
                self.best = validation
        unknown = [validation for validation in fresh if validation.step not in self._reported]
        self._reported |= {validation.step for validation in unknown}
        return unknown

    @property
    def exit_code(self) -> int | None:
        """The child's exit code as in a shell, None while it runs."""
        code = self._process.poll() if self._process is not None else None
        return code if code is None or code >= 0 else 128 - code

    def ask_to_stop(self) -> None:
        """Let the child save a checkpoint and end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_or_kill(self) -> None:
        """Wait for a child that was asked to stop; after two minutes, or Ctrl-C, it is killed with its own children."""
        if self._process is None:
            return
        try:
            self._process.wait(_GRACE_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.kill()

    def kill(self) -> None:
        """End the child and its own children at once."""
        if self._process is not None and self._process.poll() is None:
            if hasattr(os, "killpg"):
                with contextlib.suppress(OSError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """The error that the child printed, or its last row."""
        with contextlib.suppress(OSError):
            rows = (self.folder / LOG).read_text("utf-8", "replace")[-10_000:].strip().splitlines()
            errors = [row.removeprefix("error: ") for row in rows if row.startswith("error: ")]
            return (errors or rows or [""])[-1][:300]
        return ""


def stop_orphans(folders: Sequence[Path]) -> int:
    """Stop the children of a killed sweep that still train in these folders; returns how many there were."""
    found = [process for folder in folders if (process := _orphan(folder)) is not None]
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=_GRACE_S)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(found)


def _orphan(folder: Path) -> psutil.Process | None:
    try:
        written = json.loads((folder / _CHILD).read_text("utf-8"))
        process = psutil.Process(written["pid"])
        # Numbers of processes are used again.
        return process if abs(process.create_time() - written["started"]) < 1 else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
