"""Which settings the options of `train` change."""

from __future__ import annotations

from pathlib import Path

import pytest

from lyricsrec.base.errors import UsageError
from lyricsrec.cli.train.flags import Data, Engine, Freezing, Optimization
from lyricsrec.training.settings.file import read_config


def test_only_given_options_change_settings() -> None:
    assert Engine().settings() == Optimization().settings() == Freezing().settings() == Data().settings() == {}
    assert Data(separator="none", language="deu").settings() == {"model.separator": "none", "model.language": "deu"}
    # 0 is a value: with --seed 0, the seed of a settings file does not count.
    assert Engine(seed=0, tracker=[], compile_=True).settings() == {"engine.seed": 0, "engine.compile": True}
    assert Optimization(steps=0, head_rate=0.0).settings() == {"engine.steps": 0, "optimizer.head_rate": 0.0}


def test_data_sets_and_their_weights(tmp_path: Path) -> None:
    (tmp_path / "odd@2").mkdir()
    one = {"data.folder": Path("a"), "data.sets": []}
    assert Data(data=["a"]).settings() == Data(data=["a@1"]).settings() == one
    several = Data(data=["a", "b@0.5", f"{tmp_path}/odd@2", "mail@home"]).settings()
    assert several["data.folder"] == Path()
    assert [(str(item["folder"]), item["weight"]) for item in several["data.sets"]] == [
        ("a", 1.0),
        ("b", 0.5),
        (f"{tmp_path}/odd@2", 1.0),
        ("mail@home", 1.0),
    ]
    for text in ("a@0", "a@nan", "a@-1", "a@inf"):
        with pytest.raises(UsageError, match=r"^--data"):
            read_config(None, (), Data(data=[text]).settings(), names=Data.names())


def test_freezing() -> None:
    assert Freezing(freeze=["none"]).settings() == {"freeze.parts": []}
    given = Freezing(freeze=["head", "features"], unfreeze=["head@5", "encoder.1@20"])
    assert given.settings() == {
        "freeze.parts": ["head", "features"],
        "freeze.until": {"head": 5, "encoder.1": 20},
    }
    with pytest.raises(UsageError, match="--unfreeze 'head' names no step"):
        Freezing(unfreeze=["head"]).settings()
