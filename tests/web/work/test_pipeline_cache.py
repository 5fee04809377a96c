"""The cache of loaded pipelines."""

from __future__ import annotations

import pytest
from helpers.web.planted_worker import planted

from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.web.work.pipeline_cache import PipelineCache


def test_pipelines_are_loaded_once_and_the_least_recently_used_is_dropped() -> None:
    loaded: list[str | None] = []

    def load(config: PipelineConfig, progress: Progress) -> Pipeline:
        loaded.append(config.preset)
        return planted(config, progress)

    pipelines = PipelineCache(2, load)
    for name in ["offline", "builtin", "offline", "builtin"]:
        pipelines.get(PipelineConfig(preset=name), SILENT)
    assert loaded == ["offline", "builtin"]
    for name in ["whisper", "builtin", "offline"]:
        pipelines.get(PipelineConfig(preset=name), SILENT)
    assert loaded == ["offline", "builtin", "whisper", "offline"]


def test_a_failed_load_is_retried() -> None:
    def load(config: PipelineConfig, progress: Progress) -> Pipeline:
        raise RuntimeError

    pipelines = PipelineCache(2, load)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            pipelines.get(PipelineConfig(preset="offline"), SILENT)
