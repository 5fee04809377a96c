"""DALI: which files are entries, and what is known about each."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
from pathlib import Path

import pytest
from helpers.data_sets import make_dali

from lyricsrec.base.errors import DataError
from lyricsrec.dataset.sources.base import SourcePaths
from lyricsrec.dataset.sources.dali import DaliSource


def test_entries_are_found_among_tables_and_metadata(tmp_path: Path) -> None:
    folder, audio = make_dali(tmp_path, [{}, {}])
    shutil.copy(folder / "a2.json", folder / "a1.json")
    (folder / "dali_v1_metadata.json").write_text("{}")
    (folder / "gt_v1.0_22-11-18.gz").write_bytes(b"")
    (folder / "info").mkdir()
    rows = [["DALI_ID", "NAME", "YOUTUBE", "WORKING"], ["a1", "A - T", "xyz", False]]
    (folder / "info" / "DALI_DATA_INFO.gz").write_bytes(gzip.compress(pickle.dumps(rows, protocol=2)))
    truth = tmp_path / "truth.gz"
    truth.write_bytes(gzip.compress(pickle.dumps({"a2": {"fr": 60_000.0, "offset": 0.5}}, protocol=2)))
    source = DaliSource.open(SourcePaths(folder, audio, truth))
    assert [file.name for file in source.files()] == ["a1.gz", "a2.json"]
    first, second = map(source.read, source.files())
    assert first.audio == audio / "a1.wav"
    assert first.remark == "video xyz, marked as unavailable"
    assert first.annotation.words[0].start_s == 1.0
    assert second.annotation.is_ground_truth
    # The ground truth puts beat 0 half a second later.
    assert second.annotation.words[0].start_s == 1.5


def test_an_entry_without_audio_names_its_video(tmp_path: Path) -> None:
    folder, _ = make_dali(tmp_path, [{}, {"audio": False}])
    entry = json.loads((folder / "a2.json").read_text())
    entry["info"]["audio"] = {"url": "xyz", "working": True, "path": "None"}
    (folder / "a2.json").write_text(json.dumps(entry))
    source = DaliSource.open(SourcePaths(folder))
    assert [source.read(file).remark for file in source.files()] == [None, "video xyz"]


def test_the_audio_path_in_an_entry(tmp_path: Path) -> None:
    folder, audio = make_dali(tmp_path, [{}, {}])
    (audio / "a2.wav").rename(folder / "mine.wav")
    entry = json.loads((folder / "a2.json").read_text())
    entry["info"]["audio"]["path"] = "mine.wav"
    (folder / "a2.json").write_text(json.dumps(entry))
    assert DaliSource.open(SourcePaths(folder)).read(folder / "a2.json").audio == folder / "mine.wav"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        DaliSource.open(SourcePaths(tmp_path / "missing"))
