"""`lyricsrec lm`: language models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import checked
from lyricsrec.cli import options
from lyricsrec.cli.data import options as dataset_options
from lyricsrec.cli.lm import tune as lm_tune
from lyricsrec.cli.screen import Screen, reporting
from lyricsrec.dataset.preparation.settings import LyricsConfig
from lyricsrec.lm.settings import Estimator, LmConfig

EXAMPLES = """
**Examples**

`lyricsrec lm build hymns.txt -o hymns-lm/` makes a language model of a text.

`lyricsrec lm build verse.txt.xz dali/train.jsonl --weight 1 --weight 5 --prune 0,0,1 --min-count 2 -o lm/` counts the \
lyrics of the training split five times.

`lyricsrec transcribe song.mp3 --preset wav2vec2 --lm lm/` searches with it.
"""

app = typer.Typer(no_args_is_help=True, help="Make and tune language models.")
app.command("tune", epilog=lm_tune.EXAMPLES)(lm_tune.tune)

_LM = LmConfig()


_FLAGS = {name: f"--{name.replace('_', '-')}" for name in ("order", "prune", "min_count", "words_share", "quantise")}


@app.callback()
def _group() -> None:
    """Make and tune language models."""


@app.command("build", epilog=EXAMPLES)
def build(
    texts: Annotated[
        list[Path],
        typer.Argument(metavar="TEXT...", help="Texts (.txt, .xz, .gz), folders of them, manifests (.jsonl)."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the model.")],
    order: Annotated[int, typer.Option(help="Words in the longest n-grams.")] = _LM.order,
    prune: Annotated[
        str, typer.Option(help="Leave out n-grams that occur at most so often: a number an order.")
    ] = ",".join(map(str, _LM.prune)),
    min_count: Annotated[int, typer.Option(min=1, help="Words that occur fewer times are unknown.")] = _LM.min_count,
    weight: Annotated[
        list[int] | None, typer.Option(min=1, help="How many times a text counts: one for each TEXT, in order.")
    ] = None,
    words: Annotated[
        Path | None, typer.Option(help="More words to know: lines of a word, a tab, and its frequency.")
    ] = None,
    words_share: Annotated[
        float, typer.Option(min=0, max=0.99, help="How much they count beside the words of the texts.")
    ] = _LM.words_share,
    alphabet: dataset_options.Alphabet = "english",
    case: dataset_options.Case = _LM.lyrics.case,
    language: Annotated[str, typer.Option(help="Language in which digits are spelled out.")] = _LM.language or "",
    estimator: Annotated[
        Estimator, typer.Option(help="lmplz, lyricsrec, or auto: lmplz where it is on the PATH.")
    ] = _LM.estimator,
    quantise: Annotated[
        int | None,
        typer.Option(min=2, max=16, metavar="BITS", help="Keep so many bits of each number; needs build_binary."),
    ] = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Make an n-gram language model of texts, spelled as recognisers spell.

    Interpolated modified Kneser-Ney, by KenLM's lmplz or with the same probabilities without it. The folder holds the
    model, its vocabulary and its settings; `transcribe --lm` takes the folder.
    """
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        from lyricsrec.cli.tables import print_table
        from lyricsrec.lm.estimation.build import WeightedText
        from lyricsrec.lm.estimation.build import build as build_model
        from lyricsrec.lyrics.languages import language_name

        weights = weight or [1] * len(texts)
        if len(weights) != len(texts):
            raise UsageError(f"{len(texts)} texts, but {len(weights)} weights", "Give --weight once for each TEXT.")
        lyrics = LyricsConfig(dataset_options.letters_of(alphabet), case)
        thresholds = dataset_options.numbers_of(prune, "--prune", int)[:order]
        given = {
            "order": order,
            "prune": thresholds,
            "min_count": min_count,
            "words": words,
            "words_share": words_share,
            "lyrics": lyrics,
            "language": language_name(language),
            "estimator": estimator,
            "quantise": quantise,
        }
        config = checked(LmConfig, given, flags=_FLAGS)
        weighted = [WeightedText(path, number) for path, number in zip(texts, weights, strict=True)]
        made = build_model(weighted, output, config, progress=screen)
        if not quiet:
            rows: list[tuple[str, int]] = [("sentences", made.num_sentences), ("words", made.num_words)]
            rows += [(f"{n}-grams", number) for n, number in enumerate(made.ngrams, 1)]
            print_table(f"{output} (by {made.estimator})", ("", "number"), rows)
