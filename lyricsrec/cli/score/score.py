"""`lyricsrec score`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.score import compare as score_compare
from lyricsrec.cli.score import output as output_options
from lyricsrec.cli.screen import Screen, reporting
from lyricsrec.pipeline.settings import PipelineConfig

EXAMPLES = """
**Examples**

`lyricsrec score --ref lyrics/ --hyp transcripts/` scores files against files of the same names.

`lyricsrec score --data dali/ --split test --model facebook/wav2vec2-large-960h-lv60-self -o report.html` hears the \
test split and writes a page.

`lyricsrec score --data dali/ --model my-model/ --decoder greedy --decoder beam --decoder lm -f markdown` compares \
three searches.

`lyricsrec score --data dali/ --preset builtin --hyp other=transcripts/ -o report.json` compares a preset with \
another program's transcripts.

`lyricsrec score --ref song.lrc --hyp out.lrc --fail-above 0.3 --quiet | jq .systems[0].words.wer` in a pipeline: \
exit code 3 when the WER is above 30 %.

`lyricsrec score compare before.json after.json` says whether the second is better.
"""

_PIPELINE = PipelineConfig()
_TEXTS = "What is compared"
_SYSTEMS = "What hears"


class Rules(str, Enum):
    """The protocols by name."""

    LONG = "long"
    SHORT = "short"


app = typer.Typer(
    invoke_without_command=True, subcommand_metavar="[compare A.json B.json]", epilog=EXAMPLES, no_args_is_help=True
)
app.command("compare", epilog=score_compare.EXAMPLES)(score_compare.compare)


@app.callback()
def score(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option(help="Folder of a data set, or one of its manifests.", rich_help_panel=_TEXTS)
    ] = None,
    split: Annotated[
        str, typer.Option(help="Which songs of --data: train, validation, test or all.", rich_help_panel=_TEXTS)
    ] = "test",
    ref: Annotated[
        Path | None,
        typer.Option(
            help="References instead of --data: a file or folder of lyrics in any form, or a manifest.",
            rich_help_panel=_TEXTS,
        ),
    ] = None,
    hyp: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]PATH", help="Hypotheses: as --ref, matched by name; may repeat.", rich_help_panel=_TEXTS
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A recogniser to hear the songs with, as in transcribe; may repeat.", rich_help_panel=_SYSTEMS
        ),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(help="Models that go together, as in transcribe; may repeat.", rich_help_panel=_SYSTEMS),
    ] = None,
    separator: Annotated[
        list[str] | None,
        typer.Option(
            help="Separator before every --model and --preset, instead of its own; may repeat.",
            rich_help_panel=_SYSTEMS,
        ),
    ] = None,
    decoder: Annotated[
        list[str] | None,
        typer.Option(
            help="greedy, beam or lm, for CTC models; may repeat. Default: as the preset has it, else greedy.",
            rich_help_panel=_SYSTEMS,
        ),
    ] = None,
    lm: Annotated[
        str | None,
        typer.Option(
            help="The language model of --decoder lm. Default: the preset's, or lyrics.", rich_help_panel=_SYSTEMS
        ),
    ] = None,
    beam: Annotated[
        int | None,
        typer.Option(
            min=2, help="Beam width of --decoder beam and lm. Default: as `lm tune` found.", rich_help_panel=_SYSTEMS
        ),
    ] = None,
    alpha: Annotated[float | None, typer.Option(help="Weight of the language model.", rich_help_panel=_SYSTEMS)] = None,
    beta: Annotated[
        float | None, typer.Option(help="Bonus for each word in the search.", rich_help_panel=_SYSTEMS)
    ] = None,
    protocol: Annotated[
        Rules, typer.Option(help="long (Jam-ALT: whole songs) or short (Ou et al.: A-Z', chunks of a data set).")
    ] = Rules.LONG,
    language: Annotated[
        str | None,
        typer.Option(help="Language sung, for models that know several; and of lyrics that do not say theirs [en]."),
    ] = None,
    only_common: Annotated[
        bool,
        typer.Option(
            "--only-common",
            help="Leave out songs without a hypothesis: else they count as deleted.",
            rich_help_panel=_TEXTS,
        ),
    ] = False,
    stems: Annotated[
        Path | None, typer.Option(help="Folder of true stems (ID.vocals.wav ...): measures the separated voice.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Take so many songs (or chunks) of --data, spread over all.", rich_help_panel=_TEXTS),
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps transcripts. Default: one for all, in the user's cache.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Hear everything afresh, keep nothing.")] = False,
    words_of: output_options.WordsOf = None,
    output: output_options.Output = None,
    format_: output_options.FormatOption = None,
    fail_above: output_options.FailAbove = None,
    device: options.Device = _PIPELINE.device,
    dtype: options.Dtype = _PIPELINE.dtype,
    seed: options.Seed = _PIPELINE.seed,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Score transcripts, or models on a data set: WER, CER, times, separation; with intervals and comparisons.

    Without a terminal the report goes to stdout as JSON, and the tables to stderr.
    """
    if context.invoked_subcommand is not None:
        return
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        writer = output_options.Writer(output or [], format_, fail_above, words_of, quiet=quiet)
        from lyricsrec.base.cache import Cache
        from lyricsrec.formats.read import STDIN
        from lyricsrec.scoring.recognise import default_folder
        from lyricsrec.scoring.score import ScoreConfig, iso_code, limited
        from lyricsrec.scoring.score import score as score_all
        from lyricsrec.scoring.systems import SystemOptions, given_of, systems_of
        from lyricsrec.scoring.texts.manifests import find_split
        from lyricsrec.scoring.texts.references import find_texts
        from lyricsrec.scoring.texts.true_stems import TrueStems

        if (data is None) == (ref is None):
            raise UsageError("give one of --data and --ref", "--data is a data set, --ref a file or folder of lyrics.")
        if (code := iso_code(language or "en")) is None:
            raise UsageError(f"no language is called '{language}'", "--language takes a code such as en or de.")
        common = PipelineConfig(
            language=language,
            device=device,
            dtype=dtype,
            seed=seed,
            offline=offline,
            search_aside=True,
        )
        asked = SystemOptions(
            tuple(preset or ()),
            tuple(model or ()),
            tuple(separator or ()),
            decoders=tuple(decoder or ()),
            lm=lm,
            beam=beam,
            alpha=alpha,
            beta=beta,
        )
        if limit is not None and data is None:
            raise UsageError("--limit is for --data", "Leave files out of --ref, and add --only-common.")
        if stems is not None and not stems.is_dir():
            raise UsageError(f"--stems {stems}: no such folder")
        systems = systems_of(asked, common)
        given = [given_of(text) for text in hyp or []]
        if [str(ref), *(str(one.path) for one in given)].count(STDIN) > 1:
            raise UsageError("standard input can be read once", "Give all but one of --ref and --hyp as files.")
        if not systems and not given:
            raise UsageError("nothing to score", "Add --hyp, --model or --preset.")
        references = find_split(data, split, protocol.value) if data is not None else find_texts(ref or Path())
        config = ScoreConfig(
            protocol.value,
            code,
            only_common,
            stems=TrueStems(stems) if stems is not None else None,
            cache=Cache(None if no_cache else cache or default_folder()),
        )
        report = score_all(limited(references, limit), given, systems, config, progress=screen, announce=screen.begin)
        writer.write(report, screen)
        writer.judge(report, screen)
