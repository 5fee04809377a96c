"""Keys of kept results: what changes them, and what does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lyricsrec.base import cache
from lyricsrec.base.cache import Cache, content_digest, digest, file_stamps, result_key, source_digest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a room "audio" in the place of lyricsrec."""
    folder = tmp_path / "package"
    (folder / "audio").mkdir(parents=True)
    (folder / "audio" / "a.py").write_text("1")
    monkeypatch.setattr(cache, "_PACKAGE", folder)
    source_digest.cache_clear()
    yield folder
    source_digest.cache_clear()


def test_other_settings_models_and_code_give_other_keys(package: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "weights").write_text("1")

    def key(**settings: object) -> str:
        source_digest.cache_clear()
        return result_key(["audio"], settings, [model])

    first = key(seed=0, beam=None)
    assert key(beam=None, seed=0) == first
    assert key(seed=1, beam=None) != first
    os.utime(model / "weights", ns=(0, 1))
    second = key(seed=0, beam=None)
    assert second != first
    (package / "audio" / "__pycache__").mkdir()
    (package / "audio" / "__pycache__" / "a.pyc").write_text("x")
    (package / "web").mkdir()
    (package / "web" / "b.py").write_text("x")
    assert key(seed=0, beam=None) == second
    (package / "audio" / "a.py").write_text("2")
    third = key(seed=0, beam=None)
    assert third != second
    (package / "audio" / "a.py").rename(package / "audio" / "b.py")
    assert key(seed=0, beam=None) != third


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    for name, text in (("a", "same"), ("b", "same"), ("c", "other")):
        (tmp_path / name).write_text(text)
    assert content_digest(tmp_path / "a") == content_digest(tmp_path / "b") != content_digest(tmp_path / "c")
    with pytest.raises(FileNotFoundError):
        content_digest(tmp_path / "missing")


def test_stamps_of_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    assert [stamp[:2] for stamp in file_stamps(tmp_path)] == [("a", 1)]
    assert file_stamps(tmp_path / "a") == file_stamps(tmp_path)
    assert file_stamps(tmp_path / "missing") == []


def test_a_digest_takes_paths_and_no_order_of_keys() -> None:
    assert digest({"a": Path("x"), "b": 1}) == digest({"b": 1, "a": "x"}) != digest({"a": "x", "b": 2})


def test_values_are_kept_in_a_folder_only(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "cache")
    kept.write("key", list[float], [1.0, 2.0])
    assert kept.read("key", list[float]) == [1.0, 2.0]
    assert kept.read("other", list[float]) is None
    assert kept.read("key", dict[str, int]) is None
    Cache().write("key", list[float], [1.0])
    assert Cache().read("key", list[float]) is None
