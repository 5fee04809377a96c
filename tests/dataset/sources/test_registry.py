"""The sources by name."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from helpers.data_sets import make_dali, make_jamendo
from helpers.files import EXAMPLES

from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.registry import SOURCES, SourceName, open_source


@pytest.mark.parametrize("name", get_args(SourceName))
def test_every_source_lists_and_reads_songs(name: SourceName, tmp_path: Path) -> None:
    if name == "dali":
        paths = SourcePaths(*make_dali(tmp_path, [{}]))
    else:
        paths = SourcePaths(EXAMPLES if name == "ultrastar" else make_jamendo(tmp_path))
    source = open_source(name, paths)
    song = source.read(source.files()[0])
    assert song.annotation.words
    assert source.to_dali(source.files()[0]).song_id == song.annotation.song_id


def test_names_and_sources_match() -> None:
    assert tuple(SOURCES) == get_args(SourceName)
