"""From flags to the systems that are scored: models and presets, each with each decoder."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from lyricsrec.base.errors import UsageError
from lyricsrec.decoding.settings import DecodeConfig, Weights
from lyricsrec.formats.read import STDIN
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.recognition.registry import family_of, find_recognizer
from lyricsrec.scoring.recognise import System
from lyricsrec.scoring.score import Given

DECODERS = ("greedy", "beam", "lm")

_LM = "lyrics"


@dataclass(frozen=True)
class SystemOptions:
    """What is asked for: every preset and model, each behind every separator and with every decoder.

    `lm`, `alpha` and `beta` are for "lm"; without an `lm` it is that of the preset, or the
    built-in one.
    """

    presets: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    separators: tuple[str, ...] = ()
    _: KW_ONLY
    decoders: tuple[str, ...] = ()
    lm: str | None = None
    beam: int | None = None
    alpha: float | None = None
    beta: float | None = None


def systems_of(options: SystemOptions, common: PipelineConfig) -> list[System]:
    """The systems that options ask for; `common` are the settings of all. A Whisper model searches by itself.

    Raises UsageError for names and values that mean nothing, ModelError for a model that is not to be had.
    """
    unknown = [name for name in options.decoders if name not in DECODERS]
    if unknown:
        raise UsageError(f"no decoder is called '{unknown[0]}'", f"--decoder takes {', '.join(DECODERS)}.")
    if not (options.presets or options.models) and options.decoders:
        raise UsageError("--decoder needs a --model or --preset to decode")
    if not options.decoders and (options.lm, options.beam, options.alpha, options.beta) != (None,) * 4:
        raise UsageError("--lm, --beam, --alpha and --beta are for --decoder", "Add --decoder lm or --decoder beam.")
    if not (options.presets or options.models) and options.separators:
        raise UsageError("--separator needs a --model or --preset to hear what it separates")
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


def given_of(text: str) -> Given:
    """The hypotheses of `--hyp [NAME=]PATH`; without a name they are called as the file or folder.

    Raises UsageError when one of both is missing.
    """
    name, equals, given = text.partition("=")
    if equals and not Path(text).exists():
        if not (name and given):
            raise UsageError(f"--hyp {text}: a name and a path, or a path alone")
        return Given(name, Path(given))
    path = Path(text)
    if text == STDIN:
        return Given("stdin", path)
    return Given(path.resolve().stem if path.is_file() else path.resolve().name, path)


def _decoded(name: str, config: PipelineConfig, options: SystemOptions) -> list[System]:
    if not options.decoders:
        return [System(name, config)]
    if not family_of(find_recognizer(config.model_name, offline=config.offline)).gives_emissions:
        return [System(name, config)]
    return [System(f"{name} {decoder}", _with(decoder, config, options)) for decoder in options.decoders]


def _with(decoder: str, config: PipelineConfig, options: SystemOptions) -> PipelineConfig:
    if decoder == "greedy":
        return replace(config, decode=DecodeConfig(beam_width=1))
    search = DecodeConfig(options.beam, options.lm, options.alpha, beta=options.beta)
    if decoder == "lm" and options.lm is None and config.model is None and config.chosen.lm is not None:
        return replace(config, decode=search)
    # By its own name, for a preset would bring its language model along.
    alone = replace(config, model=config.model_name, separator=config.separator_name)
    if decoder == "lm":
        return replace(alone, decode=replace(search, lm=options.lm or _LM))
    return replace(alone, decode=DecodeConfig(options.beam or Weights.beam_width))
