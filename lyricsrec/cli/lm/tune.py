"""`lyricsrec lm tune`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.settings import checked
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.lm.settings import TuneConfig

if TYPE_CHECKING:
    from lyricsrec.decoding.lm_folder import Tuning
    from lyricsrec.decoding.settings import Weights
    from lyricsrec.lm.tuning.grid_search import Tried
    from lyricsrec.lyrics.wer import Edits

EXAMPLES = """
**Examples**

`lyricsrec lm tune lm/ --data dali/ --model facebook/wav2vec2-large-960h-lv60-self` tunes on the validation split; \
`transcribe --lm lm/` then uses the best weights.

`lyricsrec lm tune lyrics -o tuned/ --data dali/ --model my-model/ --separator htdemucs --limit 200 --beam 50` \
tunes a copy of the built-in model on 200 chunks, after separating the voice.
"""

_TUNE = TuneConfig()
_FLAGS = {"alphas": "--alpha", "betas": "--beta", "beam_widths": "--beam", "limit": "--limit"}


def _listed(values: tuple[float, ...]) -> str:
    return ",".join(f"{value:g}" for value in values)


@dataclass(frozen=True, kw_only=True)
class Recognizer(Options):
    """Whose log-probabilities are searched."""

    model: Annotated[str, typer.Option(help="CTC recogniser: known name, hub repository (owner/name) or folder.")]
    separator: Annotated[
        str | None,
        typer.Option(help="Separator to use first, as in transcribe. Default: that of the model's folder, else none."),
    ] = None
    language: Annotated[str | None, typer.Option(help="Language of the lyrics, for multilingual models.")] = None


@dataclass(frozen=True, kw_only=True)
class Grid(Options):
    """Which weights are tried, on how much."""

    alpha: Annotated[str, typer.Option(help="Language model weights to try first; 0 is always tried.")] = _listed(
        _TUNE.alphas
    )
    beta: Annotated[str, typer.Option(help="Bonuses per word to try first.")] = _listed(_TUNE.betas)
    beam: Annotated[str, typer.Option(help="Beam widths to try; the narrowest one that is as good is chosen.")] = (
        _listed(_TUNE.beam_widths)
    )
    limit: Annotated[
        int | None, typer.Option(min=1, help="Number of chunks to use, spread over all. Default: all.")
    ] = _TUNE.limit

    def config(self) -> TuneConfig:
        """The settings of the search. Raises UsageError for values that do not fit."""
        given = {
            "alphas": options.numbers_of(self.alpha, "--alpha", float),
            "betas": options.numbers_of(self.beta, "--beta", float),
            "beam_widths": options.numbers_of(self.beam, "--beam", int),
            "limit": self.limit,
        }
        return checked(TuneConfig, given, flags=_FLAGS)


def tune(
    lm: Annotated[
        str,
        typer.Argument(metavar="LM", help="Folder from `lm build`, or lyrics; the best weights are stored in it."),
    ],
    *,
    data: Annotated[Path, typer.Option(help="Data set folder (its validation.jsonl is used), or a manifest.")],
    audio: options.SoundFolders = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for a copy of LM to tune instead; needed for lyrics."),
    ] = None,
    recognizer: Recognizer,
    grid: Grid,
    cache: Annotated[
        Path | None, typer.Option(help="Folder for the recogniser's log-probabilities. Default: emissions/ in LM.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="PNG file for a plot of the word errors. Default: tuning.png in LM.")
    ] = None,
    device: options.Device = "auto",
    workers: options.Workers = None,
    offline: options.Offline = False,
    verbosity: options.Verbosity,
) -> None:
    """Find the language model weights that help a recogniser most.

    Each chunk is recognised once, and its log-probabilities are decoded with many weights. Those with the fewest word
    errors win; ties go to the smaller ones. Test splits are refused.
    """
    from lyricsrec.dataset.sound_folders import remember_sounds
    from lyricsrec.decoding.lm_folder import own_folder
    from lyricsrec.lm.tuning.emissions import EmissionSource
    from lyricsrec.lm.tuning.tune import tune as tune_weights

    config = grid.config()
    remember_sounds(data if data.is_dir() else data.parent, audio or ())
    source = EmissionSource(
        recognizer.model, recognizer.separator, device, language=recognizer.language, offline=offline
    )
    folder = own_folder(lm, output)
    with verbosity.screen() as screen:
        tuning, found = tune_weights(
            folder, data, source, config, cache=cache, picture=picture, workers=workers, progress=screen
        )
    if not verbosity.quiet:
        _print(folder, tuning, found)


def _print(lm: Path, tuning: Tuning, found: Tried) -> None:
    from lyricsrec.cli.tables import print_table

    words_only = found.words_only
    rows = [_row("greedy", None, found.greedy)]
    rows += [_row("lexicon only", words_only, found.surface[words_only])]
    rows += [_row("chosen" if w == found.best else "tried", w, edits) for w, edits in found.beams.items()]
    columns = ("search", "alpha", "beta", "beam", "WER %", "substituted", "deleted", "inserted")
    print_table(f"{lm}: {tuning.num_chunks} chunks, {tuning.num_words} words, {tuning.model}", columns, rows)


def _row(name: str, weights: Weights | None, edits: Edits) -> tuple[object, ...]:
    point = (f"{weights.alpha:g}", f"{weights.beta:g}", weights.beam_width) if weights else ("", "", "")
    return (name, *point, 100 * edits.wer, edits.substitutions, edits.deletions, edits.insertions)
