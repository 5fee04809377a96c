"""Separators by name and folder, and what the pipeline asks about them."""

import logging
from pathlib import Path

import pytest
from huggingface_hub.utils import filter_repo_objects

from lyricsrec.base.device import Compute
from lyricsrec.base.errors import UsageError
from lyricsrec.models.catalogue import CTC_FILES
from lyricsrec.separation.registry import (
    bundled_separator,
    family_of,
    get_separator,
    load_separator,
    load_vocal_net,
    separator_for,
)
from lyricsrec.separation.settings import SEPARATOR_BAG, SeparateConfig

CPU = Compute("cpu", "float32")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown separator 'demucs_evil'") as caught:
        get_separator("demucs_evil")
    assert "none, center, " in (caught.value.hint or "")


def test_a_folder_with_a_trained_separator_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "model" / "separator"
    folder.mkdir(parents=True)
    assert bundled_separator(str(tmp_path / "model")) is None
    (folder / SEPARATOR_BAG).write_text("models: []")
    assert bundled_separator(str(tmp_path / "model")) == str(folder)
    assert get_separator(str(folder)).source.locate() == folder
    assert family_of(str(folder)) is family_of("htdemucs")


def test_the_separator_asked_for_comes_before_the_one_in_the_folder_and_the_default(tmp_path: Path) -> None:
    (tmp_path / "separator").mkdir()
    (tmp_path / "separator" / SEPARATOR_BAG).write_text("models: []")
    model = str(tmp_path)
    assert separator_for(model, "mdx", "center") == "mdx"
    assert separator_for(model, None, "center") == str(tmp_path / "separator")
    assert separator_for("sung.en", None, "center") == "center"
    assert separator_for("sung.en") == "none"
    stated = tmp_path / "stated"
    stated.mkdir()
    for card, expected in [('{"separator": "none"}', "none"), ('{"separator": "spleeter"}', "spleeter")]:
        (stated / "lyricsrec.json").write_text(card)
        assert separator_for(str(stated), None, "center") == expected
        assert separator_for(str(stated), "mdx", "center") == "mdx"
    for card in ("", "[]", '{"separator": "other"}'):
        (stated / "lyricsrec.json").write_text(card)
        assert separator_for(str(stated), None, "center") == "center"


def test_the_separator_of_a_downloaded_repository_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert separator_for("singer/songs", None, "center") == "center"
    repository = tmp_path / "models--singer--songs"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    folder = repository / "snapshots" / ("0" * 40)
    folder.mkdir(parents=True)
    (folder / "lyricsrec.json").write_text('{"separator": "spleeter"}')
    assert separator_for("singer/songs", None, "center") == "spleeter"
    (folder / "separator").mkdir()
    (folder / "separator" / SEPARATOR_BAG).write_text("models: []")
    assert bundled_separator("singer/songs") == str(folder / "separator")
    assert separator_for("singer/songs", None, "center") == str(folder / "separator")
    assert separator_for("singer/songs", "mdx", "center") == "mdx"


def test_all_files_of_a_checkpoint_are_downloaded() -> None:
    files = ["lyricsrec.json", "learned.json", f"separator/{SEPARATOR_BAG}", "separator/a.safetensors", "vocab.json"]
    assert list(filter_repo_objects(files, allow_patterns=list(CTC_FILES))) == files


def test_what_can_be_trained() -> None:
    assert load_vocal_net("none") is None
    with pytest.raises(UsageError, match="'center' has no trainable weights") as caught:
        load_vocal_net("center")
    assert "htdemucs" in (caught.value.hint or "")


def test_loading_is_logged_and_silent_by_default(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("lyricsrec").handlers)
    with caplog.at_level(logging.DEBUG, "lyricsrec"):
        assert load_separator("center", SeparateConfig(), CPU).name == "center"
    assert "separator center loaded" in caplog.text
    assert capfd.readouterr() == ("", "")
