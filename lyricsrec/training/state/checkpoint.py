"""Checkpoints of a run, written atomically and without pickle.

A checkpoint is a folder that every command loads as a model (`Learner.save`), with the state of training in a folder
below it: optimizer and random states as safetensors, the rest as JSON.
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
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input
from lyricsrec.base.reading.json_text import load_object

SCHEMA = 1
"""Schema version of `progress.json`."""

BEST, LAST = "best", "last"
STATE = "state"
"""Folder below a checkpoint with the state of training."""

_FOLDER, _PROGRESS = "step-{:08d}", "progress.json"
_OPTIMIZER = "optimizer.safetensors"


@dataclass(frozen=True)
class Position:
    """The position of a run: steps done, and the epoch and batch that come next."""

    step: int = 0
    epoch: int = 0
    batch: int = 0

    def after_step(self, num_batches: int) -> Position:
        """The position one step of so many batches later."""
        return Position(self.step + 1, self.epoch, self.batch + num_batches)

    def next_epoch(self) -> Position:
        """The position at the start of the next epoch."""
        return Position(self.step, self.epoch + 1, 0)


@dataclass(frozen=True)
class TrainingState:
    """What a resumed run needs, beside weights and random states, to continue as if it had not been stopped.

    `optimizer` is keyed by parameter names; `schedule` and `scaler` are torch's state dicts; `metrics` are those of the
    latest validation, `best_wer` is the lowest so far.
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
    """The checkpoints of a run: folders such as `step-00000200`, with links `best` and `last` to two of them."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.folder = folder
        self._keep = keep

    def path(self, step: int) -> Path:
        """The folder of a step's checkpoint."""
        return self.folder / _FOLDER.format(step)

    def last(self) -> Path | None:
        """The newest complete checkpoint, None without one."""
        complete = [path for path in self.folder.glob("step-*") if (path / STATE / _PROGRESS).is_file()]
        return max(complete, default=None)

    @contextlib.contextmanager
    def writing(self, step: int, *, is_best: bool) -> Any:
        """A folder to fill, which becomes the checkpoint of a step at the end of the block; on errors it is removed.

        Older checkpoints are deleted afterwards. Raises OutputError when it cannot be written.
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
            # safetensors raises its own error when a disk is full.
            reason = getattr(error, "strerror", None) or str(error).split("\n", 1)[0]
            raise OutputError(
                f"cannot write the checkpoint of step {step} into {display_name(self.folder)} ({reason})",
                "Free some space, then continue from the last checkpoint with --resume.",
            ) from None
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def sweep(self) -> None:
        """Remove incomplete checkpoints of killed runs."""
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
    """The state of training in a checkpoint's folder. Raises ModelError when it is missing or damaged."""
    try:
        plain = load_object(read_input(folder / STATE / _PROGRESS, DOCUMENT_BYTES))
        if plain["schema"] != SCHEMA:
            raise ModelError(
                f"{display_name(folder)}: schema version {plain['schema']!r}; this version of lyricsrec reads {SCHEMA}"
            )
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
            f"{display_name(folder)}: no training state to resume from", "Give the folder of a run (--output)."
        ) from None
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{display_name(folder)}: damaged ({error})", "Resume from an older checkpoint.") from None


def _without_tensors(value: Any, path: tuple[str, ...], tensors: dict[str, Tensor]) -> Any:
    """Nested dictionaries and lists with tensors moved into `tensors` under the names of their places."""
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
    """Flush a folder's files to disk before it is renamed."""
    for path in (p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _point(link: Path, target: Path) -> None:
    """Point a name at a checkpoint: a symbolic link, or a copy where links are not supported."""
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
