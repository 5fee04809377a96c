"""The systems to score: each model and preset, with each separator and each decoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import Settings
from lyricsrec.decoding.settings import DecodeConfig, Weights
from lyricsrec.formats.read import STDIN
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.registry import family_of, find_recognizer
from lyricsrec.scoring.recognise import System
from lyricsrec.scoring.score import HypothesisFiles

Decoder: TypeAlias = Literal["greedy", "beam", "lm"]

_LM = "lyrics"


@dataclass(frozen=True)
class SystemOptions(Settings):
    """Which systems to score: each preset and model, with each separator and each decoder.

    `lm`, `alpha` and `beta` are for the decoder "lm"; without `lm` it uses the preset's language model, or the built-in
    one.
    """

    presets: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    separators: tuple[str, ...] = ()
    _: KW_ONLY
    decoders: tuple[Decoder, ...] = ()
    lm: str | None = None
    beam: int | None = None
    alpha: float | None = None
    beta: float | None = None

    def __post_init__(self) -> None:
        has_systems = self.presets or self.models
        if self.decoders and not has_systems:
            raise ValueError("--decoder needs a --model or --preset to decode with")
        if self.separators and not has_systems:
            raise ValueError("--separator needs a --model or --preset to recognise what it separates")
        if not self.decoders and (self.lm, self.beam, self.alpha, self.beta) != (None,) * 4:
            raise ValueError("--lm, --beam, --alpha and --beta need --decoder lm or --decoder beam")


def systems_of(options: SystemOptions, common: PipelineConfig) -> list[System]:
    """The systems that options ask for; `common` are the settings of all. Decoders apply to CTC models only.

    Raises UsageError for unknown names, ModelError for models that are not available.
    """
    named = [(name, replace(common, preset=name)) for name in options.presets]
    named += [(name.rstrip("/"), replace(common, model=name)) for name in options.models]
    if options.separators:
        many = len(options.separators) > 1
        named = [
            (f"{name} behind {separator}" if many else name, replace(config, separator=separator))
            for name, config in named
            for separator in options.separators
        ]
    systems = [system for name, config in named for system in _decoded(name, config, options)]
    for system in systems:
        system.config.check()
    return systems


def hypothesis_files(text: str) -> HypothesisFiles:
    """The hypotheses of `--hyp [NAME=]PATH`; the name of the file or folder is the default name.

    Raises UsageError if the name or the path is empty.
    """
    name, equals, place = text.partition("=")
    if equals and not Path(text).exists():
        if not (name and place):
            raise UsageError(f"--hyp {text}: the {'path' if name else 'name'} is missing", "Give NAME=PATH, or a path.")
        return HypothesisFiles(name, Path(place))
    path = Path(text)
    if text == STDIN:
        return HypothesisFiles("stdin", path)
    return HypothesisFiles(path.resolve().stem if path.is_file() else path.resolve().name, path)


def _decoded(name: str, config: PipelineConfig, options: SystemOptions) -> list[System]:
    if not options.decoders:
        return [System(name, config)]
    if not family_of(find_recognizer(config.model_name, offline=config.offline)).gives_emissions:
        return [System(name, config)]
    return [System(f"{name} {decoder}", DECODERS[decoder](config, options)) for decoder in options.decoders]


def _greedy(config: PipelineConfig, _options: SystemOptions) -> PipelineConfig:
    return replace(config, decode=DecodeConfig(beam_width=1))


def _beam(config: PipelineConfig, options: SystemOptions) -> PipelineConfig:
    return replace(_by_name(config), decode=DecodeConfig(options.beam or Weights.beam_width))


def _language_model(config: PipelineConfig, options: SystemOptions) -> PipelineConfig:
    search = DecodeConfig(options.beam, options.lm, options.alpha, beta=options.beta)
    if options.lm is None and config.model is None and config.chosen.lm is not None:
        return replace(config, decode=search)
    return replace(_by_name(config), decode=replace(search, lm=options.lm or _LM))


def _by_name(config: PipelineConfig) -> PipelineConfig:
    """The same models, named one by one, because a preset would add its language model."""
    return replace(config, model=config.model_name, separator=config.separator_name)


DECODERS: dict[Decoder, Callable[[PipelineConfig, SystemOptions], PipelineConfig]] = {
    "greedy": _greedy,
    "beam": _beam,
    "lm": _language_model,
}
"""How each decoder changes the settings of a pipeline."""
