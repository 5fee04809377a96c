"""The card of a checkpoint: how it was trained, for other commands and for people."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from lyricsrec.separation.settings import CHECKPOINT_CARD, SEPARATOR_FOLDER
from lyricsrec.training.settings import TrainConfig
from lyricsrec.version import VERSION

_SCHEMA = 1


def card_of(config: TrainConfig, *, step: int, data: str, songs: Sequence[str]) -> dict[str, Any]:
    """What a checkpoint of `step` steps says; `data` is a fingerprint of the training chunks, `songs` their ids."""
    return {
        "schema": _SCHEMA,
        "lyricsrec": VERSION,
        "separator": config.model.separator,
        "recognizer": config.model.recognizer,
        "step": step,
        "command": sys.argv,
        "data": {"folder": str(config.data.folder), "fingerprint": data, "songs": list(songs)},
        "hardware": _hardware(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def write_card(card: dict[str, Any], folder: Path) -> None:
    """Write a card into a checkpoint's folder, where a trained separator's folder is `SEPARATOR_FOLDER`."""
    own = {"separator": SEPARATOR_FOLDER} if (folder / SEPARATOR_FOLDER).is_dir() else {}
    (folder / CHECKPOINT_CARD).write_text(json.dumps({**card, **own}, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _hardware() -> str:
    if torch.cuda.is_available():
        return f"{torch.cuda.device_count()} x {torch.cuda.get_device_name()}"
    return f"{platform.machine()} processor"
