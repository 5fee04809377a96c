import json
from pathlib import Path

import pytest
from helpers.tiny_models import LETTERS, make_ctc_folder

from lyricsrec.base.errors import ModelError
from lyricsrec.recognition.registry import family_of, find_recognizer


@pytest.fixture(autouse=True)
def _empty_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_unknown_names_come_with_a_suggestion() -> None:
    with pytest.raises(ModelError, match="no model 'tinyen'") as error:
        find_recognizer("tinyen")
    assert "Did you mean tiny.en?" in (error.value.hint or "")
    with pytest.raises(ModelError, match="is a separator") as error:
        find_recognizer("htdemucs")
    assert error.value.hint == "Did you mean --separator htdemucs?"


def test_the_model_in_a_package_is_whisper() -> None:
    found = find_recognizer("tiny.en", offline=True)
    assert found.family == "whisper"
    assert not family_of(found).gives_emissions
    assert (found.folder / "model.bin").is_file()


def test_the_built_in_model_is_small_and_gives_emissions() -> None:
    found = find_recognizer("sung.en", offline=True)
    assert found.family == "ctc"
    assert family_of(found).gives_emissions
    assert (found.folder / "model.safetensors").stat().st_size <= 24e6


def test_a_hub_model_offline_or_without_network_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="--offline forbids") as caught:
        find_recognizer("facebook/wav2vec2-base-960h", offline=True)
    assert "models pull" in (caught.value.hint or "")
    with pytest.raises(ModelError, match="the hub cannot be reached") as caught:
        find_recognizer("someone/some-model")
    assert "--preset offline" in (caught.value.hint or "")


def test_a_model_in_the_cache_needs_no_network(tmp_path: Path) -> None:
    repo = tmp_path / "hub" / "models--someone--some-model"
    folder = repo / "snapshots" / ("a" * 40)
    folder.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("a" * 40)
    make_ctc_folder(folder, LETTERS)
    found = find_recognizer("someone/some-model", offline=True)
    assert (found.family, found.folder) == ("ctc", folder)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "has no config.json"),
        ("{", "cannot be read"),
        ("[]", "not a JSON object"),
        (json.dumps({"model_type": "whisper"}), "Whisper checkpoint of transformers"),
        (json.dumps({"model_type": "bert", "architectures": ["BertModel"]}), "neither a CTC model"),
    ],
)
def test_folders_that_contain_no_model(tmp_path: Path, config: str | None, message: str) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelError, match=message):
        find_recognizer(str(tmp_path))
