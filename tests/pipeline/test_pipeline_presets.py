import importlib.util
from pathlib import Path

import pytest

from lyricsrec.base.errors import ModelError, UsageError
from lyricsrec.decoding.settings import DecodeConfig
from lyricsrec.models.resolve import find_language_model
from lyricsrec.pipeline.presets import PRESETS, default_preset, get_preset, pull
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.registry import find_recognizer


@pytest.fixture(autouse=True)
def _empty_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_every_preset_names_models_of_the_right_roles() -> None:
    for preset in PRESETS.values():
        assert [model.role for model in preset.models] in (
            ["separator", "recognizer"],
            ["separator", "recognizer", "lm"],
        )


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown preset 'x'") as caught:
        get_preset("x")
    assert "offline" in (caught.value.hint or "")


def test_without_the_offline_extra_the_built_in_models_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_preset() == "offline"
    assert PipelineConfig().search.lm is None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert default_preset() == "builtin"
    config = PipelineConfig()
    assert (config.separator_name, config.model_name, config.search.lm) == ("center", "sung.en", "lyrics")
    assert config.search.alpha == PRESETS["builtin"].alpha
    assert PipelineConfig(decode=DecodeConfig(alpha=0.2)).search.alpha == 0.2
    assert PipelineConfig(decode=DecodeConfig(lm="mine.arpa")).search.lm == "mine.arpa"
    assert PipelineConfig(decode=DecodeConfig(beam_width=1)).search.greedy
    assert PipelineConfig(model="someone/some-model").search.greedy


def test_pull_downloads_nothing_that_is_installed() -> None:
    assert pull("offline") == [find_recognizer("base").folder]
    assert pull("fast") == [find_recognizer("base").folder]
    assert pull("tiny.en") == [find_recognizer("tiny.en").folder]
    assert pull("builtin") == [find_recognizer("sung.en").folder, find_language_model("lyrics")]
    assert pull("center") == []
    with pytest.raises(ModelError, match="cannot be reached"):
        pull("htdemucs")


@pytest.mark.parametrize(
    ("config", "separator"),
    [
        (PipelineConfig("offline"), "center"),
        (PipelineConfig("offline", "none"), "none"),
        (PipelineConfig("offline", aligns=True), "spleeter"),
        (PipelineConfig("offline", "htdemucs", aligns=True), "htdemucs"),
    ],
)
def test_the_separator_is_the_one_asked_for_or_the_default(config: PipelineConfig, separator: str) -> None:
    assert config.separator_name == separator


def test_silence_counts_only_where_the_accompaniment_is_gone() -> None:
    thresholds = {
        name: PipelineConfig(separator=name).segment_for(20.0).threshold for name in ("none", "center", "mdx")
    }
    assert thresholds == {"none": 0.0, "center": 0.0, "mdx": 0.1}
    assert PipelineConfig().segment_for(20.0).max_s == 20.0


@pytest.mark.parametrize(
    ("config", "separator"),
    [
        (PipelineConfig("builtin"), "spleeter"),
        (PipelineConfig(aligns=True), "spleeter"),
        (PipelineConfig("whisper"), "htdemucs"),
        (PipelineConfig("whisper", separator="center"), "center"),
        (PipelineConfig("builtin", separator="mdx"), "mdx"),
        (PipelineConfig("builtin", separator="none"), "none"),
    ],
)
def test_stems_to_listen_to_come_from_a_separator_that_is_named_or_good_enough(
    config: PipelineConfig, separator: str
) -> None:
    assert config.stem_separator_name == separator


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (PipelineConfig(separator="demucs_evil"), "unknown separator 'demucs_evil'"),
        (PipelineConfig(times="guessed"), "--times must be 'aligned' or 'own'"),  # type: ignore[arg-type]
        (PipelineConfig(decode=DecodeConfig(0)), "--beam must be greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_loaded(config: PipelineConfig, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        config.check()


@pytest.mark.parametrize(("flag", "weight"), [("--alpha", {"alpha": float("nan")}), ("--beta", {"beta": float("inf")})])
def test_weights_that_are_not_finite_are_refused_by_the_name_of_their_flag(flag: str, weight: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=rf"{flag} must be a finite number"):
        PipelineConfig(decode=DecodeConfig(**weight)).check()  # type: ignore[arg-type]
