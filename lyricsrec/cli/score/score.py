"""`lyricsrec score`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.score.report import ReportOptions
from lyricsrec.pipeline.settings import PipelineConfig

if TYPE_CHECKING:
    from lyricsrec.scoring.recognise import System
    from lyricsrec.scoring.score import HypothesisFiles

EXAMPLES = """
**Examples**

`lyricsrec score --ref lyrics/ --hyp transcripts/` scores transcripts against lyrics of the same file names.

`lyricsrec score --data dali/ --split test --model facebook/wav2vec2-large-960h-lv60-self -o report.html` transcribes \
the test split and writes a page.

`lyricsrec score --data dali/ --model my-model/ --decoder greedy --decoder beam --decoder lm -f markdown` compares \
three decoders.

`lyricsrec score --data dali/ --preset builtin --hyp other=transcripts/ -o report.json` compares a preset with the \
transcripts of another program.

`lyricsrec score --ref song.lrc --hyp out.lrc --fail-above 0.3 --quiet | jq .systems[0].words.wer` works in a \
pipeline, with exit code 3 if the WER is above 30 %.

`lyricsrec score compare before.json after.json` shows whether the second one is better.
"""

_TEXTS = "References and hypotheses"
_SYSTEMS = "Models to compare"


@dataclass(frozen=True, kw_only=True)
class Texts(Options):
    """What is compared with what."""

    data: Annotated[
        Path | None, typer.Option(help="Data set folder, or one of its manifests.", rich_help_panel=_TEXTS)
    ] = None
    split: Annotated[
        str, typer.Option(help="Songs of --data: train, validation, test or all.", rich_help_panel=_TEXTS)
    ] = "test"
    ref: Annotated[
        Path | None,
        typer.Option(
            help="References instead of --data: lyrics in any format, a folder of them, or a manifest.",
            rich_help_panel=_TEXTS,
        ),
    ] = None
    hyp: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]PATH",
            help="Hypotheses: as --ref, matched by file name; may be repeated.",
            rich_help_panel=_TEXTS,
        ),
    ] = None
    only_common: Annotated[
        bool,
        typer.Option(
            "--only-common",
            help="Leave out songs without a hypothesis, whose words otherwise count as deleted.",
            rich_help_panel=_TEXTS,
        ),
    ] = False
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of songs (or chunks) of --data to use, spread over all.", rich_help_panel=_TEXTS
        ),
    ] = None

    def hypotheses(self) -> list[HypothesisFiles]:
        """The hypotheses that are given as files. Raises UsageError if the options do not fit together."""
        from lyricsrec.formats.read import STDIN
        from lyricsrec.scoring.systems import hypothesis_files

        if (self.data is None) == (self.ref is None):
            raise UsageError("give either --data or --ref", "--data is a data set, --ref a file or folder of lyrics.")
        if self.limit is not None and self.data is None:
            raise UsageError("--limit needs --data", "With --ref, leave out files and add --only-common.")
        given = [hypothesis_files(text) for text in self.hyp or []]
        if [str(self.ref), *(str(one.path) for one in given)].count(STDIN) > 1:
            raise UsageError("standard input can be read only once", "Give all but one of --ref and --hyp as files.")
        return given


@dataclass(frozen=True, kw_only=True)
class Systems(Options):
    """Which models transcribe the songs."""

    model: Annotated[
        list[str] | None,
        typer.Option(
            help="Recogniser to transcribe the songs with, as in transcribe; may be repeated.",
            rich_help_panel=_SYSTEMS,
        ),
    ] = None
    preset: Annotated[
        list[str] | None,
        typer.Option(
            help="Preset to transcribe the songs with, as in transcribe; may be repeated.", rich_help_panel=_SYSTEMS
        ),
    ] = None
    separator: Annotated[
        list[str] | None,
        typer.Option(
            help="Separator for every --model and --preset, instead of its own; may be repeated.",
            rich_help_panel=_SYSTEMS,
        ),
    ] = None
    decoder: Annotated[
        list[str] | None,
        typer.Option(
            help="Decoder for CTC models: greedy, beam or lm; may be repeated. Default: that of the preset, else "
            "greedy.",
            rich_help_panel=_SYSTEMS,
        ),
    ] = None
    lm: Annotated[
        str | None,
        typer.Option(
            help="Language model for --decoder lm. Default: that of the preset, else lyrics.", rich_help_panel=_SYSTEMS
        ),
    ] = None
    beam: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Beam width for --decoder beam and lm. Default: as tuned by `lm tune`.",
            rich_help_panel=_SYSTEMS,
        ),
    ] = None
    alpha: Annotated[float | None, typer.Option(help="Weight of the language model.", rich_help_panel=_SYSTEMS)] = None
    beta: Annotated[float | None, typer.Option(help="Bonus per word in the search.", rich_help_panel=_SYSTEMS)] = None

    def chosen(self, common: PipelineConfig) -> list[System]:
        """The systems to score; `common` are the settings of all. Raises UsageError or ModelError."""
        from lyricsrec.base.settings import checked
        from lyricsrec.scoring.systems import SystemOptions, systems_of

        wanted = {
            "presets": tuple(self.preset or ()),
            "models": tuple(self.model or ()),
            "separators": tuple(self.separator or ()),
            "decoders": tuple(self.decoder or ()),
            "lm": self.lm,
            "beam": self.beam,
            "alpha": self.alpha,
            "beta": self.beta,
        }
        return systems_of(checked(SystemOptions, wanted, flags={"decoders": "--decoder"}), common)


@dataclass(frozen=True, kw_only=True)
class CacheOptions(Options):
    """Where transcripts are kept."""

    cache: Annotated[
        Path | None, typer.Option(help="Folder in which transcripts are kept. Default: in the user's cache folder.")
    ] = None
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Transcribe everything again, and keep nothing.")] = False


def score(
    context: typer.Context,
    *,
    texts: Texts,
    systems: Systems,
    protocol: Annotated[
        Literal["long", "short"],
        typer.Option(
            help="Scoring rules: long (Jam-ALT: whole songs) or short (Ou et al.: A-Z', chunks of a data set)."
        ),
    ] = "long",
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of the lyrics, for multilingual models and for references that do not name theirs. "
            "Default: en."
        ),
    ] = None,
    stems: Annotated[
        Path | None,
        typer.Option(help="Folder of true stems (ID.vocals.wav ...), to measure the separation against."),
    ] = None,
    cache: CacheOptions,
    report: ReportOptions,
    compute: options.Compute,
    seed: options.Seed = 0,
    verbosity: options.Verbosity,
) -> None:
    """Score transcripts, or models on a data set: WER, CER, timing, separation; with confidence intervals.

    Without a terminal, the report goes to stdout as JSON and the tables go to stderr.
    """
    if context.invoked_subcommand is not None:
        return
    from lyricsrec.base.cache import Cache
    from lyricsrec.scoring.metrics.separation import TrueStems
    from lyricsrec.scoring.recognise import default_folder
    from lyricsrec.scoring.score import ScoreConfig, iso_code, limited
    from lyricsrec.scoring.score import score as score_all
    from lyricsrec.scoring.texts.manifests import find_split
    from lyricsrec.scoring.texts.matching import find_texts

    report.check()
    given = texts.hypotheses()
    if (code := iso_code(language or "en")) is None:
        raise UsageError(f"unknown language '{language}'", "--language takes a code such as en or de.")
    if stems is not None and not stems.is_dir():
        raise UsageError(f"--stems {stems}: no such folder")
    chosen = systems.chosen(
        PipelineConfig(
            language=language,
            device=compute.device,
            dtype=compute.dtype,
            seed=seed,
            offline=compute.offline,
            search_aside=True,
        )
    )
    if not chosen and not given:
        raise UsageError("nothing to score", "Add --hyp, --model or --preset.")
    if texts.data is not None:
        references = find_split(texts.data, texts.split, protocol)
    else:
        references = find_texts(texts.ref or Path())
    config = ScoreConfig(
        protocol=protocol,
        language=code,
        only_common=texts.only_common,
        stems=TrueStems(stems) if stems is not None else None,
        cache=Cache(None if cache.no_cache else cache.cache or default_folder()),
    )
    with verbosity.screen() as screen:
        scored = score_all(
            limited(references, texts.limit), given, chosen, config, progress=screen, announce=screen.begin
        )
        report.write(scored, screen, quiet=verbosity.quiet)
    report.judge(scored, screen)
