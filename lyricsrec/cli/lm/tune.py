"""`lyricsrec lm tune`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.settings import checked
from lyricsrec.cli import options
from lyricsrec.cli.data import options as dataset_options
from lyricsrec.cli.screen import Screen, reporting
from lyricsrec.lm.settings import TuneConfig

if TYPE_CHECKING:
    from lyricsrec.decoding.lm_folder import Tuning
    from lyricsrec.decoding.settings import Weights
    from lyricsrec.lm.tuning.grid_search import Tried
    from lyricsrec.lyrics.wer import Edits

EXAMPLES = """
**Examples**

`lyricsrec lm tune lm/ --data dali/ --model facebook/wav2vec2-large-960h-lv60-self` searches the validation split; \
`transcribe --lm lm/` then uses what was best.

`lyricsrec lm tune lyrics -o tuned/ --data dali/ --model my-model/ --separator htdemucs --limit 200 --beam 50` \
tunes a copy of the built-in model on 200 chunks, whose voice is separated first.
"""

_TUNE = TuneConfig()
_FLAGS = {"alphas": "--alpha", "betas": "--beta", "beam_widths": "--beam", "limit": "--limit"}


def _listed(values: tuple[float, ...]) -> str:
    return ",".join(f"{value:g}" for value in values)


def tune(
    lm: Annotated[
        str, typer.Argument(metavar="LM", help="Folder of `lm build`, or lyrics; the best weights are kept with it.")
    ],
    data: Annotated[Path, typer.Option(help="Folder of a data set (its validation.jsonl is taken), or a manifest.")],
    model: Annotated[str, typer.Option(help="CTC recogniser: known name, hub owner/name, or folder.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for a copy of LM that is tuned instead, as lyrics needs it."),
    ] = None,
    separator: Annotated[
        str | None,
        typer.Option(help="Separator before it, as in transcribe. Default: the one in the model's folder, else none."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language sung, for models that know several.")] = None,
    alpha: Annotated[str, typer.Option(help="Weights of the language model to try first; 0 always is.")] = _listed(
        _TUNE.alphas
    ),
    beta: Annotated[str, typer.Option(help="Bonuses for each word to try first.")] = _listed(_TUNE.betas),
    beam: Annotated[str, typer.Option(help="Beam widths: the narrowest is taken that is as good.")] = _listed(
        _TUNE.beam_widths
    ),
    limit: Annotated[
        int | None, typer.Option(min=1, help="Take so many chunks, spread over all. Default: all.")
    ] = _TUNE.limit,
    cache: Annotated[
        Path | None, typer.Option(help="Folder for what the recogniser said. Default: emissions/ in LM.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="PNG of the word errors. Default: tuning.png in LM.")] = None,
    device: options.Device = "auto",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that search. Default: one a core.")] = None,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Find the weights with which a language model helps a recogniser most.

    The recogniser hears the chunks once. Their log-probabilities are searched with many weights, and the fewest word
    errors win; of equals, the smaller weights. Test splits are refused.
    """
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        from lyricsrec.decoding.lm_folder import own_folder
        from lyricsrec.lm.tuning.emissions import Listener
        from lyricsrec.lm.tuning.tune import tune as tune_weights

        given = {
            "alphas": dataset_options.numbers_of(alpha, "--alpha", float),
            "betas": dataset_options.numbers_of(beta, "--beta", float),
            "beam_widths": dataset_options.numbers_of(beam, "--beam", int),
            "limit": limit,
        }
        config = checked(TuneConfig, given, flags=_FLAGS)
        listener = Listener(model, separator, device, language=language, offline=offline)
        folder = own_folder(lm, output)
        tuning, found = tune_weights(
            folder, data, listener, config, cache=cache, picture=picture, workers=workers, progress=screen
        )
        if not quiet:
            _print(folder, tuning, found)


def _print(lm: Path, tuning: Tuning, found: Tried) -> None:
    from lyricsrec.cli.tables import print_table

    words_only = found.words_only
    rows = [_row("greedy", None, found.greedy)]
    rows += [_row("words only", words_only, found.surface[words_only])]
    rows += [_row("chosen" if w == found.best else "tried", w, edits) for w, edits in found.beams.items()]
    columns = ("search", "alpha", "beta", "beams", "WER %", "replaced", "dropped", "added")
    print_table(f"{lm}: {tuning.num_chunks} chunks, {tuning.num_words} words, by {tuning.model}", columns, rows)


def _row(name: str, weights: Weights | None, edits: Edits) -> tuple[object, ...]:
    point = (f"{weights.alpha:g}", f"{weights.beta:g}", weights.beam_width) if weights else ("", "", "")
    return (name, *point, 100 * edits.wer, edits.substitutions, edits.deletions, edits.insertions)
