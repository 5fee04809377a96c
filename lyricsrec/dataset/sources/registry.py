"""The sources by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from lyricsrec.dataset.sources.base import Source, SourcePaths
from lyricsrec.dataset.sources.dali import DaliSource
from lyricsrec.dataset.sources.jamendolyrics import JamendoSource
from lyricsrec.dataset.sources.ultrastar import UltraStarSource

SourceName = Literal["dali", "ultrastar", "jamendolyrics"]

SOURCES: Mapping[SourceName, Callable[[SourcePaths], Source]] = {
    "dali": DaliSource.open,
    "ultrastar": UltraStarSource.open,
    "jamendolyrics": JamendoSource.open,
}


def open_source(name: SourceName, paths: SourcePaths) -> Source:
    """The source of that name. Raises DataError if its files are missing or unusable."""
    return SOURCES[name](paths)
