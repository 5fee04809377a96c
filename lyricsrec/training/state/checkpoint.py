"""Checkpoints of a run, written atomically and without pickle.

A checkpoint is a folder that every command loads as a model (`Learner.save`), with the state of training in a folder
below it: optimizer and random states as safetensors, the rest as JSON.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.base.output import display_name, finish_folder
from lyricsrec.base.reading.input_files import DOCUMENT_BYTES, read_input
from lyricsrec.base.reading.json_text import load_object
from lyricsrec.training.data.position import Batching, Leg, Position
from lyricsrec.training.state.best import Candidate

SCHEMA = 1
"""Schema version of `progress.json`."""

BEST, LAST = "best", "last"
STATE = "state"
"""Folder below a checkpoint with the state of training."""

_FOLDER, _PROGRESS = "step-{:08d}", "progress.json"
_OPTIMIZER = "optimizer.safetensors"


@dataclass(frozen=True)
class TrainingState:
    """What a resumed run needs, beside weights and random states, to continue as if it had not been stopped.

    `optimizer` is keyed by parameter names; `schedule` has the steps from which parts were trained and what plateaus
    counted, `stop` the patience so far, `num_averaged` the updates of averaged weights; `scaler` is torch's state dict;
    `metrics` are those of the latest validation, `best` the best checkpoints so far. `batching` and `data`, a
    fingerprint of the training chunks, say what `position` counts in.
    """

    position: Position
    optimizer: Mapping[str, Any]
    schedule: Mapping[str, Any]
    _: KW_ONLY
    scaler: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    best: tuple[Candidate, ...] = ()
    batching: Batching | None = None
    data: str = ""
    num_unreadable: int = 0
    num_skipped: int = 0
    stop: Mapping[str, Any] = field(default_factory=dict)
    num_averaged: int = 0


class Checkpoints:
    """The checkpoints of a run: folders such as `step-00000200`, with links `best` and `last` to two of them.

    The last `keep` and the best are kept.
    """

    def __init__(self, folder: Path, keep: int = 1) -> None:
        self.folder = folder
        self._keep = keep

    def path(self, step: int) -> Path:
        """The folder of a step's checkpoint."""
        return self.folder / _FOLDER.format(step)

    def last(self) -> Path | None:
        """The newest complete checkpoint, None without one."""
        return max(self.complete(), default=None)

    def complete(self) -> list[Path]:
        """The complete checkpoints, the oldest first."""
        return sorted(path for path in self.folder.glob("step-*") if (path / STATE / _PROGRESS).is_file())

    def last_step(self) -> int:
        """The step of the newest complete checkpoint, 0 without one."""
        last = self.last()
        return int(last.name.rpartition("-")[2]) if last is not None else 0

    @contextlib.contextmanager
    def writing(self, step: int, best: Sequence[int] = ()) -> Iterator[Path]:
        """A folder to fill, which becomes the checkpoint of a step at the end of the block; on errors it is removed.

        Older checkpoints are deleted afterwards, except those of the steps `best`, the best first. Raises OutputError
        when it cannot be written.
        """
        temporary = self.folder / f".{_FOLDER.format(step)}-{uuid4().hex[:8]}.tmp"
        try:
            (temporary / STATE).mkdir(parents=True)
            yield temporary
            finish_folder(temporary)
            target = self.path(step)
            if target.exists():
                shutil.rmtree(target)
            temporary.rename(target)
            _point(self.folder / LAST, target)
            self._point_at_best(best)
            self._tidy(best)
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

    def delete(self) -> None:
        """Remove all checkpoints and the links to them; what else a run has written stays."""
        for link in (self.folder / BEST, self.folder / LAST):
            if link.is_symlink():
                link.unlink()
            else:
                shutil.rmtree(link, ignore_errors=True)
        for path in self.folder.glob("step-*"):
            shutil.rmtree(path, ignore_errors=True)
        self.sweep()

    def _point_at_best(self, best: Sequence[int]) -> None:
        present = [path for path in map(self.path, best) if path.is_dir()]
        link = self.folder / BEST
        if present and (not link.exists() or present[0] == self.last() or link.resolve().name != present[0].name):
            _point(link, present[0])

    def _tidy(self, best: Sequence[int]) -> None:
        kept = {(self.folder / BEST).resolve().name, *(self.path(step).name for step in best)}
        for path in sorted(self.folder.glob("step-*"))[: -self._keep]:
            if path.name not in kept:
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
        "best": [asdict(candidate) for candidate in state.best],
        "batching": asdict(state.batching) if state.batching is not None else None,
        "data": state.data,
        "num_unreadable": state.num_unreadable,
        "num_skipped": state.num_skipped,
        "stop": dict(state.stop),
        "num_averaged": state.num_averaged,
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
            _position(plain["position"]),
            _with_tensors(plain["optimizer"], tensors),
            plain["schedule"],
            scaler=plain["scaler"],
            metrics=plain["metrics"],
            # Earlier versions wrote fewer of these.
            best=tuple(Candidate(**candidate) for candidate in plain.get("best", ())),
            batching=Batching(**plain["batching"]) if plain.get("batching") else None,
            data=plain.get("data", ""),
            num_unreadable=plain["num_unreadable"],
            num_skipped=plain.get("num_skipped", 0),
            stop=plain.get("stop", {}),
            num_averaged=plain.get("num_averaged", 0),
        )
    except FileNotFoundError:
        raise ModelError(
            f"{display_name(folder)}: no training state to resume from", "Give the folder of a run (--output)."
        ) from None
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{display_name(folder)}: damaged ({error})", "Resume from an older checkpoint.") from None


def _position(plain: Mapping[str, Any]) -> Position:
    legs = (Leg(Batching(**leg["batching"]), leg["num_batches"]) for leg in plain.get("earlier", ()))
    return Position(plain["step"], plain["epoch"], plain["batch"], earlier=tuple(legs))


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
