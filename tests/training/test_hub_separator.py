"""Training from a repository of the hub: its separator is known before the run is configured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.training import run
from lyricsrec.training.settings import ModelConfig, TrainConfig


def test_a_repository_is_downloaded_before_its_separator_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    config = replace(TrainConfig(), model=replace(ModelConfig(), recognizer="singer/songs"))

    def download(name: str, **_: object) -> None:
        repository = tmp_path / "models--singer--songs"
        (repository / "refs").mkdir(parents=True)
        (repository / "refs" / "main").write_text("0" * 40)
        (repository / "snapshots" / ("0" * 40)).mkdir(parents=True)
        (repository / "snapshots" / ("0" * 40) / "lyricsrec.json").write_text('{"separator": "spleeter"}')

    with pytest.raises(ModelError, match="--offline forbids downloading"):
        run.resolve_config(config, offline=True)
    monkeypatch.setattr(run, "find_recognizer", download)
    assert run.resolve_config(config).model.separator == "spleeter"
