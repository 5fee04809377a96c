"""Checkpoints: everything that a run is, whole or not at all, without pickles.

A checkpoint is a folder that every command loads as a model (`Learner.save`), with the state of training below it:
optimizer and random states as safetensors, the rest as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.base.output import display_name

SCHEMA = 1
"""Number of the schema of `progress.json`."""

BEST, LAST = "best", "last"
STATE = "state"
"""The state of training lies below a checkpoint in a folder of this name."""

_FOLDER, _PROGRESS = "step-{:08d}", "progress.json"
_OPTIMIZER = "optimizer.safetensors"


@dataclass(frozen=True)
class Position:
    """Where a run stands: steps done, and the epoch and the batch of it that come next."""

    step: int = 0
    epoch: int = 0
    batch: int = 0


@dataclass(frozen=True)
class TrainingState:
    """What a run needs to go on as if it had not been stopped.

    `optimizer` is keyed by the names of parameters; `schedule` and `scaler` are those of torch; `metrics` the latest
    validation, `best_wer` the lowest so far.
    """

    position: Position
    optimizer: Mapping[str, Any]
    schedule: Mapping[str, Any]
    _: KW_ONLY
    scaler: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    best_wer: float | None = None
    num_unreadable: int = 0


class Checkpoints:
    """The checkpoints of a run: `step-00000200` and so on, with `best` and `last` pointing at two of them."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.folder = folder
        self._keep = keep

    def path(self, step: int) -> Path:
        """The folder of a step's checkpoint."""
        return self.folder / _FOLDER.format(step)

    def last(self) -> Path | None:
        """The newest whole checkpoint."""
        whole = [path for path in self.folder.glob("step-*") if (path / STATE / _PROGRESS).is_file()]
        return max(whole, default=None)

    @contextlib.contextmanager
    def writing(self, step: int, *, is_best: bool) -> Any:
        """A folder to fill, which becomes the checkpoint of a step when the block ends well and vanishes otherwise.

        Older ones are deleted once it stands. Raises OutputError when it cannot be written.
        """
        temporary = self.folder / f".{_FOLDER.format(step)}-{uuid4().hex[:8]}.tmp"
        try:
            (temporary / STATE).mkdir(parents=True)
            yield temporary
            _flush(temporary)
            target = self.path(step)
            if target.exists():
                shutil.rmtree(target)
            temporary.rename(target)
            _point(self.folder / LAST, target)
            if is_best:
                _point(self.folder / BEST, target)
            self._tidy()
        except (OSError, SafetensorError, RuntimeError) as error:
            # safetensors says that a disk is full with an error of its own.
            reason = getattr(error, "strerror", None) or str(error).split("\n", 1)[0]
            raise OutputError(
                f"cannot write the checkpoint of step {step} into {display_name(self.folder)} ({reason})",
                "Free some space; then go on with --resume from the last one, which is whole.",
            ) from None
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what killed runs left half-written."""
        for path in self.folder.glob(".step-*.tmp"):
            shutil.rmtree(path, ignore_errors=True)

    def _tidy(self) -> None:
        best = (self.folder / BEST).resolve().name
        for path in sorted(self.folder.glob("step-*"))[: -self._keep]:
            if path.name != best:
                shutil.rmtree(path, ignore_errors=True)


def write_state(folder: Path, state: TrainingState) -> None:
    """Write the state of training into a checkpoint's folder."""
    tensors: dict[str, Tensor] = {}
    plain = {
        "schema": SCHEMA,
        "position": asdict(state.position),
        "optimizer": _without_tensors(state.optimizer, (), tensors),
        "schedule": dict(state.schedule),
        "scaler": dict(state.scaler),
        "metrics": dict(state.metrics),
        "best_wer": state.best_wer,
        "num_unreadable": state.num_unreadable,
    }
    save_file(tensors, folder / STATE / _OPTIMIZER)
    (folder / STATE / _PROGRESS).write_text(json.dumps(plain, indent=1), "utf-8")


def read_state(folder: Path) -> TrainingState:
    """The state of training in a checkpoint's folder. Raises ModelError when it holds none, or a damaged one."""
    try:
        plain = json.loads((folder / STATE / _PROGRESS).read_text("utf-8"))
        if plain["schema"] != SCHEMA:
            raise ModelError(f"{display_name(folder)}: of schema {plain['schema']!r}, this version reads {SCHEMA}")
        tensors = load_file(folder / STATE / _OPTIMIZER)
        return TrainingState(
            Position(**plain["position"]),
            _with_tensors(plain["optimizer"], tensors),
            plain["schedule"],
            scaler=plain["scaler"],
            metrics=plain["metrics"],
            best_wer=plain["best_wer"],
            num_unreadable=plain["num_unreadable"],
        )
    except FileNotFoundError:
        raise ModelError(
            f"{display_name(folder)}: no state to resume training from", "Name the folder of a run (--output)."
        ) from None
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{display_name(folder)}: damaged ({error})", "Resume from an older checkpoint.") from None


def _without_tensors(value: Any, path: tuple[str, ...], tensors: dict[str, Tensor]) -> Any:
    """A nest of dictionaries and lists with its tensors taken out and named by their place."""
    if isinstance(value, Tensor):
        name = "/".join(path)
        tensors[name] = value.detach().cpu().contiguous()
        return {"tensor": name}
    if isinstance(value, Mapping):
        return {key: _without_tensors(inner, (*path, str(key)), tensors) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_tensors(inner, (*path, str(i)), tensors) for i, inner in enumerate(value)]
    return value


def _with_tensors(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"tensor"}:
            return tensors[value["tensor"]]
        return {key: _with_tensors(inner, tensors) for key, inner in value.items()}
    return [_with_tensors(inner, tensors) for inner in value] if isinstance(value, list) else value


def _flush(folder: Path) -> None:
    """Make sure that a folder's files are on the disk before it takes its name."""
    for path in (p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _point(link: Path, target: Path) -> None:
    """Let a name point at a checkpoint: a link, or a copy where there are none."""
    temporary = link.with_name(f".{link.name}-{uuid4().hex[:8]}.tmp")
    try:
        temporary.symlink_to(target.name, target_is_directory=True)
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        temporary.replace(link)
    except OSError:
        temporary.unlink(missing_ok=True)
        shutil.rmtree(link, ignore_errors=True)
        shutil.copytree(target, link)
