"""Where everything of a catalogue lies.

DIR/index/                   content of the songs by path, for all tasks
DIR/TASK-KEY/setup.json      task, settings and models; their digest is the key
DIR/TASK-KEY/songs/          the songs that were asked for
DIR/TASK-KEY/results/xx/     one JSON file for each song, and what goes with it
DIR/TASK-KEY/ledger/         what happened, a file for each process
DIR/TASK-KEY/claims/         which process has which song
DIR/processes/               which processes live
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lyricsrec.base.cache import digest
from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.base.output import display_name, write_text
from lyricsrec.base.reading.json_text import load_json

_SETUP = "setup.json"
_KEY_LENGTH = 10


@dataclass(frozen=True)
class Setup:
    """A task with settings and models, in a folder of its own: other settings never touch its results."""

    folder: Path
    task: str
    details: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the folder: the task and a digest of the rest."""
        return self.folder.name

    @property
    def results(self) -> Path:
        """The folder of results."""
        return self.folder / "results"

    @property
    def ledger(self) -> Path:
        """The folder of ledgers."""
        return self.folder / "ledger"

    @property
    def claims(self) -> Path:
        """The folder of claims."""
        return self.folder / "claims"

    @property
    def songs(self) -> Path:
        """The folder of the songs that were asked for."""
        return self.folder / "songs"

    def base_of(self, key: str) -> Path:
        """What the names of a song's results begin with."""
        return self.results / key[:2] / key

    def result_of(self, key: str) -> Path:
        """The result of a song, which is complete if it exists."""
        return result_file(self.base_of(key))


def result_file(base: Path) -> Path:
    """The file that completes the results whose names begin with `base`."""
    return base.with_name(f"{base.name}.json")


def processes_in(folder: Path) -> Path:
    """The folder of the heartbeats of a catalogue."""
    return folder / "processes"


def index_in(folder: Path) -> Path:
    """The folder of the index of a catalogue."""
    return folder / "index"


def make_setup(folder: Path, task: str, settings: Mapping[str, Any], models: Mapping[str, str]) -> Setup:
    """The setup of a task in the folder of a catalogue, written if it is new. Raises OutputError."""
    details = {"task": task, "settings": dict(settings), "models": dict(models)}
    setup = Setup(folder / f"{task}-{digest(details)[:_KEY_LENGTH]}", task, details)
    path = setup.folder / _SETUP
    if not path.is_file():
        write_text(path, json.dumps(details, indent=2, sort_keys=True, default=str) + "\n")
    return setup


def setups_in(folder: Path) -> list[Setup]:
    """All setups of a catalogue, the one that was made last at the end. Raises DataError where there are none."""
    files = sorted(folder.glob(f"*/{_SETUP}"), key=lambda path: (path.stat().st_mtime_ns, path))
    if not files:
        raise DataError(f"{display_name(folder)}: not a catalogue", "`lyricsrec catalogue run` makes one.")
    return [_read(path) for path in files]


def find_setup(folder: Path, name: str | None) -> Setup:
    """The setup of a name, or whose name begins with it; without one, the setup that was made last.

    Raises DataError where there is no catalogue, UsageError where the name fits none or several.
    """
    setups = setups_in(folder)
    if name is None:
        return setups[-1]
    fitting = [setup for setup in setups if setup.name.startswith(name)]
    if len(fitting) != 1:
        known = ", ".join(setup.name for setup in setups)
        raise UsageError(f"--setup {name} fits {len(fitting) or 'no'} setups", f"There are: {known}.")
    return fitting[0]


def _read(path: Path) -> Setup:
    try:
        details = load_json(path.read_text("utf-8"))
        return Setup(path.parent, str(details["task"]), details)
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{display_name(path)}: cannot be read") from None
