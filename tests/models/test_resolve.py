import importlib.util
import json
from pathlib import Path

import pytest
from helpers.tiny_models import LETTERS, make_ctc_folder

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.models import catalogue
from lyricsrec.models import resolve as models
from lyricsrec.pipeline.settings import PipelineConfig


@pytest.fixture(autouse=True)
def _empty_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_every_preset_names_known_models_and_says_its_licence() -> None:
    for preset in catalogue.PRESETS.values():
        assert catalogue.MODELS[preset.separator].kind == "separator"
        assert catalogue.MODELS[preset.recognizer].kind in ("ctc", "whisper")
        assert preset.lm is None or catalogue.MODELS[preset.lm].kind == "lm"
    assert all(info.licence and info.source for info in catalogue.MODELS.values())
    assert "research" in catalogue.MODELS["htdemucs"].licence


def test_unknown_names_say_what_there_is() -> None:
    with pytest.raises(UsageError, match="unknown preset 'x'") as caught:
        catalogue.get_preset("x")
    assert "offline" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="unknown separator 'demucs_evil'"):
        models.get_separator("demucs_evil")
    with pytest.raises(ModelError, match="no model 'tinyen'") as error:
        models.find_recognizer("tinyen")
    assert "Did you mean tiny.en?" in (error.value.hint or "")
    with pytest.raises(ModelError, match="is a separator"):
        models.find_recognizer("htdemucs")


def test_the_carried_model_is_whisper_and_its_checksum_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = models.find_recognizer("tiny.en", offline=True)
    assert found.kind == "whisper"
    assert (found.folder / "model.bin").is_file()
    models.packaged_whisper.cache_clear()
    monkeypatch.setattr(models, "_CARRIED_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="checksum"):
        models.packaged_whisper()
    models.packaged_whisper.cache_clear()


def test_without_the_offline_extra_the_built_in_models_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert models.default_preset() == "offline"
    assert PipelineConfig().search.lm is None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert models.default_preset() == "builtin"
    config = PipelineConfig()
    assert (config.separator_name, config.model_name, config.search.lm) == ("center", "sung.en", "lyrics")
    assert config.search.alpha == catalogue.PRESETS["builtin"].alpha
    assert PipelineConfig(decode=DecodeConfig(alpha=0.2)).search.alpha == 0.2
    assert PipelineConfig(decode=DecodeConfig(lm="mine.arpa")).search.lm == "mine.arpa"
    assert PipelineConfig(decode=DecodeConfig(beam_width=1)).search.greedy
    assert PipelineConfig(model="someone/some-model").search.greedy


def test_the_built_in_model_is_small_and_spells_english() -> None:
    found = models.find_recognizer("sung.en", offline=True)
    assert found.kind == "ctc"
    assert (found.folder / "model.safetensors").stat().st_size <= 24e6
    assert models.pull("builtin") == [found.folder, models.find_language_model("lyrics")]


def test_a_hub_model_offline_or_without_network_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="--offline forbids") as caught:
        models.find_recognizer("facebook/wav2vec2-base-960h", offline=True)
    assert "models pull" in (caught.value.hint or "")
    with pytest.raises(ModelError, match="the hub cannot be reached") as caught:
        models.find_recognizer("someone/some-model")
    assert "--preset offline" in (caught.value.hint or "")


def test_a_model_in_the_cache_needs_no_network(tmp_path: Path) -> None:
    repo = tmp_path / "hub" / "models--someone--some-model"
    folder = repo / "snapshots" / ("a" * 40)
    folder.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("a" * 40)
    make_ctc_folder(folder, LETTERS)
    found = models.find_recognizer("someone/some-model", offline=True)
    assert (found.kind, found.folder) == ("ctc", folder)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "holds no config.json"),
        ("{", "cannot be read"),
        (json.dumps({"model_type": "whisper"}), "Whisper checkpoint of transformers"),
        (json.dumps({"model_type": "bert", "architectures": ["BertModel"]}), "neither a CTC model"),
    ],
)
def test_folders_that_are_no_model(tmp_path: Path, config: str | None, message: str) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelError, match=message):
        models.find_recognizer(str(tmp_path))


def test_pull_of_what_is_built_in_or_carried_fetches_nothing() -> None:
    assert models.pull("offline") == [models.packaged_whisper()]
    with pytest.raises(ModelError, match="cannot be reached"):
        models.pull("htdemucs")
