from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from helpers.data_sets import make_dali

from lyricsrec.base.errors import AudioError, UsageError
from lyricsrec.dataset.preparation.prepare import prepare
from lyricsrec.dataset.preparation.settings import ChunkConfig, DatasetConfig
from lyricsrec.dataset.show import choose, statistics, write_chunk
from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.dali import DaliSource


@pytest.fixture
def data(tmp_path: Path) -> Path:
    annotations, audio = make_dali(tmp_path, [{}, {"words": [("$1 one", 1.0, 2.0), ("~", 3.0, 3.5)]}])
    source = DaliSource.open(SourcePaths(annotations, audio))
    prepare(source, tmp_path / "data", DatasetConfig(chunk=ChunkConfig("fixed", 5.0)), workers=1)
    return tmp_path / "data"


def test_statistics_of_chunks(data: Path) -> None:
    figures = json.loads(statistics(data / "train.jsonl").to_json())
    assert figures["songs"] == 2
    assert figures["chunks"] == 3
    assert figures["words"] == 5
    assert figures["different words"] == 4
    assert figures["hours"] == round(15 / 3600, 4)
    assert figures["muted seconds"] == 0.5
    assert figures["per chunk"]["words a second"] == {"min": 0.2, "median": 0.4, "max": 0.4}
    assert figures["Most frequent words"]["ONE"] == 3
    assert figures["Letters"]["E"] == 5
    assert sum(figures["Letters"].values()) == len("ONETWOTHREEFOURONEONE")


def test_statistics_of_songs(data: Path) -> None:
    figures = json.loads(statistics(data / "songs.jsonl").to_json())
    assert (figures["songs"], figures["words annotated"], figures["words in chunks"]) == (2, 6, 5)
    assert figures["Songs by split"] == {"train": 2}
    assert figures["Songs by language"] == {"english": 2}


def test_statistics_of_an_empty_manifest(data: Path) -> None:
    assert json.loads(statistics(data / "test.jsonl").to_json())["chunks"] == 0


def test_chunks_are_chosen_by_id_by_number_or_at_random(data: Path) -> None:
    manifest = data / "train.jsonl"
    assert [row.chunk_id for row in choose(manifest, ["a1-0001", "0"], sample=0, seed=0)] == ["a1-0001", "a1-0000"]
    assert len(choose(manifest, [], sample=2, seed=0)) == 2
    assert len(choose(manifest, ["0"], sample=99, seed=0)) == 3
    assert choose(manifest, [], sample=2, seed=1) == choose(manifest, [], sample=2, seed=1)
    with pytest.raises(UsageError, match="no chunk '3'"):
        choose(manifest, ["3"], sample=0, seed=0)
    with pytest.raises(UsageError, match="holds whole songs"):
        choose(data / "songs.jsonl", ["0"], sample=0, seed=0)


def test_a_chunk_is_written_as_audio_text_and_picture(data: Path, tmp_path: Path) -> None:
    (row,) = choose(data / "train.jsonl", ["a2-0000"], sample=0, seed=0)
    sound, text, picture = write_chunk(row, data, tmp_path / "look")
    assert text.read_text() == "ONE ONE\n"
    samples, rate = soundfile.read(sound)
    assert (rate, samples.shape) == (44_100, (5 * 44_100, 2))
    assert np.abs(samples[int(3.1 * rate) : int(3.4 * rate)]).max() == 0, "a muted stretch is not silent"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in picture.parent.iterdir()) == ["a2-0000.flac", "a2-0000.png", "a2-0000.txt"]


def test_a_missing_song_is_an_error(data: Path, tmp_path: Path) -> None:
    (row,) = choose(data / "train.jsonl", ["0"], sample=0, seed=0)
    (tmp_path / "audio" / "a1.wav").unlink()
    with pytest.raises(AudioError, match=r"a1\.wav: no such file"):
        write_chunk(row, data, tmp_path / "look")
