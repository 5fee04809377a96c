"""The card of a checkpoint: how it was trained, for other commands and for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lyricsrec.dataset.learned import Learned
from lyricsrec.separation.settings import CHECKPOINT_CARD, SEPARATOR_FOLDER
from lyricsrec.training.settings import TrainConfig

_SCHEMA = 1


@dataclass(frozen=True)
class Origin:
    """Where the checkpoints of a run come from: the plain values of `provenance`, and the songs that were learned."""

    provenance: Mapping[str, Any] = field(default_factory=dict)
    learned: Learned = field(default_factory=Learned)


def card_of(config: TrainConfig, *, step: int, data: str, origin: Origin) -> dict[str, Any]:
    """What a checkpoint of `step` steps says; `data` is a fingerprint of the training chunks."""
    return {
        "schema": _SCHEMA,
        "separator": config.model.separator,
        "recognizer": config.model.recognizer,
        "step": step,
        "chunks": data,
        "songs": origin.learned.numbers,
        **origin.provenance,
    }


def write_card(card: Mapping[str, Any], folder: Path, learned: Learned) -> None:
    """Write a card and the songs that were learned into a checkpoint's folder, and the songs beside its separator."""
    learned.write(folder)
    own = {}
    if (folder / SEPARATOR_FOLDER).is_dir():
        own = {"separator": SEPARATOR_FOLDER}
        learned.write(folder / SEPARATOR_FOLDER)
    (folder / CHECKPOINT_CARD).write_text(json.dumps({**card, **own}, indent=1, ensure_ascii=False) + "\n", "utf-8")
