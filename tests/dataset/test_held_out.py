from __future__ import annotations

from pathlib import Path

import pytest
from helpers.data_sets import make_data

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.manifest import chunks_to_learn, songs_to_learn
from lyricsrec.dataset.preparation.settings import SplitConfig

ONLY_TEST = SplitConfig("random", ratios=(0.0, 0.0, 1.0))


def test_chunks_and_songs_outside_the_test_split_are_read(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}, {}])
    assert [chunk.text for chunk in chunks_to_learn(data / "train.jsonl")] == ["ONE TWO", "THREE FOUR"] * 2
    assert [song.song_id for song in songs_to_learn(data / "songs.jsonl")] == ["a1", "a2"]


def test_a_test_split_is_refused_under_any_name(tmp_path: Path) -> None:
    data = make_data(tmp_path, [{}], ONLY_TEST)
    renamed = data / "harmless.jsonl"
    renamed.write_bytes((data / "test.jsonl").read_bytes())
    alone = tmp_path / "test.jsonl"
    alone.write_bytes(renamed.read_bytes())
    for path in (data / "test.jsonl", renamed, alone):
        with pytest.raises(DataError, match="test split, which no model may learn from"):
            list(chunks_to_learn(path))
    with pytest.raises(DataError, match="test split, which no model may learn from"):
        list(songs_to_learn(data / "songs.jsonl"))
