"""Resuming a run: its settings, which of them may change, and what was changed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import display_name
from lyricsrec.training.settings import TrainConfig
from lyricsrec.training.settings.file import NAME, flat_settings
from lyricsrec.training.state.checkpoint import LAST, Checkpoints

FIXED = ("model.", "engine.seed", "engine.overfit", "guard.num_clips")
"""Settings that a checkpoint depends on: they stay as they are for a whole run."""


@dataclass(frozen=True)
class Change:
    """A setting that differs from that of the run so far."""

    key: str
    before: Any
    after: Any
    _: KW_ONLY

    @property
    def is_possible(self) -> bool:
        """Whether a run can go on with the new value."""
        return not self.key.startswith(FIXED)

    def __str__(self) -> str:
        return f"{self.key}: {_shown(self.before)} -> {_shown(self.after)}"


def settings_of_run(output: Path) -> Path:
    """The file with the settings of the run in a folder.

    Raises UsageError when there is no checkpoint to resume from, or the settings are missing.
    """
    if Checkpoints(output).last() is None:
        raise UsageError(
            f"{display_name(output)}: no checkpoint to resume from", "Leave out --resume to start a new run."
        )
    for path in (output / NAME, output / LAST / NAME):
        if path.is_file():
            return path
    raise UsageError(
        f"{display_name(output)}: its {NAME} is missing, so its settings are unknown",
        f"Write its settings into {display_name(output / NAME)}, or start a new run in another --output.",
    )


def changes(before: TrainConfig, after: TrainConfig) -> list[Change]:
    """The settings that differ, in the order of the settings file."""
    pairs = zip(flat_settings(before), flat_settings(after), strict=True)
    return [Change(key, old, new) for (key, old), (_, new) in pairs if old != new]


def check_possible(differing: list[Change]) -> None:
    """Raise UsageError that names the settings which cannot change during a run, if any do."""
    impossible = [change for change in differing if not change.is_possible]
    if impossible:
        raise UsageError(
            f"a run that is resumed keeps these settings ({'; '.join(map(str, impossible))})",
            "Leave them out with --resume, or start a new run in another --output.",
        )


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {inner}" for key, inner in value.items()) or "none"
    return "none" if value is None else str(value)
