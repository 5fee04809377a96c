"""Keeps loaded pipelines from job to job."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable

from lyricsrec.base.progress import Progress
from lyricsrec.pipeline.load import load_pipeline
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig

Load = Callable[[PipelineConfig, Progress], Pipeline]


def load(config: PipelineConfig, progress: Progress) -> Pipeline:
    """Load a pipeline. Raises as `load_pipeline` does."""
    return load_pipeline(config, progress=progress)


class PipelineCache:
    """Holds at most `limit` pipelines, the most recently used."""

    def __init__(self, limit: int, load: Load = load) -> None:
        self._limit = limit
        self._load = load
        self._kept: OrderedDict[tuple[object, ...], Pipeline] = OrderedDict()

    def get(self, config: PipelineConfig, progress: Progress) -> Pipeline:
        """The pipeline for a configuration, loaded if needed. Raises as `load` does."""
        key = (config.preset, config.model, config.language, config.aligns)
        if key not in self._kept:
            progress.update("loading", 0.0, None)
            # The old one is dropped first: both together may not fit into memory.
            while len(self._kept) >= self._limit:
                self._kept.popitem(last=False)
                gc.collect()
            self._kept[key] = self._load(config, progress)
        self._kept.move_to_end(key)
        return self._kept[key]
