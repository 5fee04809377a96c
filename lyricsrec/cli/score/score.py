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
    from lyricsrec.scoring.score import HypothesisFiles, ScoreConfig
    from lyricsrec.scoring.texts.text import Texts as ReferenceTexts

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

# As in scoring.results, which would load pydantic for every --help.
Protocol = Literal["long", "short"]

_TEXTS = "References and hypotheses"
_FLAGS = {"decoders": "--decoder", "beam": "--beam", "alpha": "--alpha", "beta": "--beta"}
_SYSTEMS = "Models to compare"


@dataclass(frozen=True, kw_only=True)
class Texts(Options):
    """What is compared with what."""

    data: Annotated[
        Path | None, typer.Option(help="Data set folder, or one of its manifests.", rich_help_panel=_TEXTS)
    ] = None
    audio: options.SoundFolders = None
    split: Annotated[
        Literal["train", "validation", "test", "all"],
        typer.Option(help="Split of --data to score.", rich_help_panel=_TEXTS),
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

    def references(self, protocol: Protocol) -> ReferenceTexts:
        """The references. Raises UsageError or DataError if they cannot be read."""
        from lyricsrec.dataset.sound_folders import remember_sounds
        from lyricsrec.scoring.texts.manifests import find_split
        from lyricsrec.scoring.texts.matching import find_texts

        given = self.data or self.ref or Path()
        remember_sounds(given if given.is_dir() else given.parent, self.audio or ())
        if self.data is not None:
            return find_split(self.data, self.split, protocol)
        return find_texts(self.ref or Path())


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
        return systems_of(checked(SystemOptions, wanted, flags=_FLAGS), common)


@dataclass(frozen=True, kw_only=True)
class Scoring(Options):
    """By which rules texts are compared, and where transcripts are cached."""

    protocol: Annotated[
        Protocol,
        typer.Option(
            help="Scoring rules: long (Jam-ALT: whole songs) or short (Ou et al.: A-Z', chunks of a data set)."
        ),
    ] = "long"
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of the lyrics, for multilingual models and for references that do not name theirs. "
            "Default: en."
        ),
    ] = None
    stems: Annotated[
        Path | None,
        typer.Option(help="Folder of reference stems (ID.vocals.wav ...), to measure the separation against."),
    ] = None
    cache: Annotated[
        Path | None, typer.Option(help="Folder for cached transcripts. Default: in the user's cache folder.")
    ] = None
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Transcribe everything again; cache nothing.")] = False

    def config(self, *, only_common: bool) -> ScoreConfig:
        """The settings of the score. Raises UsageError for an unknown language or a missing folder of stems."""
        from lyricsrec.base.cache import Cache
        from lyricsrec.scoring.metrics.separation import TrueStems
        from lyricsrec.scoring.recognise import default_folder
        from lyricsrec.scoring.score import ScoreConfig, iso_code

        if (code := iso_code(self.language or "en")) is None:
            raise UsageError(f"unknown language '{self.language}'", "--language takes a code such as en or de.")
        if self.stems is not None and not self.stems.is_dir():
            raise UsageError(f"--stems {self.stems}: no such folder")
        return ScoreConfig(
            protocol=self.protocol,
            language=code,
            only_common=only_common,
            stems=TrueStems(self.stems) if self.stems is not None else None,
            cache=Cache(None if self.no_cache else self.cache or default_folder()),
        )


def score(
    context: typer.Context,
    *,
    texts: Texts,
    systems: Systems,
    scoring: Scoring,
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
    from lyricsrec.scoring.score import limited
    from lyricsrec.scoring.score import score as score_all

    report.check()
    given = texts.hypotheses()
    config = scoring.config(only_common=texts.only_common)
    common = PipelineConfig(
        language=scoring.language,
        device=compute.device,
        dtype=compute.dtype,
        seed=seed,
        offline=compute.offline,
        search_aside=True,
    )
    chosen = systems.chosen(common)
    if not chosen and not given:
        raise UsageError("nothing to score", "Add --hyp, --model or --preset.")
    references = limited(texts.references(scoring.protocol), texts.limit)
    with verbosity.screen() as screen:
        scored = score_all(references, given, chosen, config=config, progress=screen, announce=screen.begin)
        report.write(scored, screen, quiet=verbosity.quiet)
    report.judge(scored, screen)
