"""Pipelines that stay loaded."""

from __future__ import annotations

import pytest
from helpers.web.planted_worker import planted

from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.web.work.pipelines import Pipelines


def test_each_is_loaded_once_and_the_one_not_used_for_longest_makes_room() -> None:
    loaded: list[str | None] = []

    def load(config: PipelineConfig, progress: Progress) -> Pipeline:
        loaded.append(config.preset)
        return planted(config, progress)

    pipelines = Pipelines(2, load)
    for name in ["offline", "builtin", "offline", "builtin"]:
        pipelines.get(PipelineConfig(preset=name), SILENT)
    assert loaded == ["offline", "builtin"]
    for name in ["whisper", "builtin", "offline"]:
        pipelines.get(PipelineConfig(preset=name), SILENT)
    assert loaded == ["offline", "builtin", "whisper", "offline"]


def test_one_that_failed_is_tried_again() -> None:
    def load(config: PipelineConfig, progress: Progress) -> Pipeline:
        raise RuntimeError

    pipelines = Pipelines(2, load)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            pipelines.get(PipelineConfig(preset="offline"), SILENT)
