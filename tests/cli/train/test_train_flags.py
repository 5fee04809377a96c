"""Which settings the options of `train` change."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.cli.train.flags import Data, Engine, Freezing, Optimization


def test_only_given_options_change_settings() -> None:
    assert Engine().settings() == Optimization().settings() == Freezing().settings() == Data().settings() == {}
    assert Data(data=Path("a"), separator="none").settings() == {"data.folder": Path("a"), "model.separator": "none"}
    # 0 is a value: with --seed 0, the seed of a settings file does not count.
    assert Engine(seed=0, tracker=[], compile_=True).settings() == {"engine.seed": 0, "engine.compile": True}
    assert Optimization(steps=0, head_rate=0.0).settings() == {"engine.steps": 0, "optimizer.head_rate": 0.0}


def test_freezing() -> None:
    assert Freezing(freeze=["none"]).settings() == {"freeze.parts": []}
    given = Freezing(freeze=["head", "features"], unfreeze=["head@5", "encoder.1@20"])
    assert given.settings() == {
        "freeze.parts": ["head", "features"],
        "freeze.until": {"head": 5, "encoder.1": 20},
    }
    with pytest.raises(UsageError, match="--unfreeze 'head' names no step"):
        Freezing(unfreeze=["head"]).settings()
