"""`lyricsrec lm build`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.base.settings import checked
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.data.rules import Case
from lyricsrec.dataset.preparation.settings import LyricsConfig
from lyricsrec.lm.settings import Estimator, LmConfig

EXAMPLES = """
**Examples**

`lyricsrec lm build hymns.txt -o hymns-lm/` builds a language model from a text.

`lyricsrec lm build verse.txt.xz dali/train.jsonl --weight 1 --weight 5 --prune 0,0,1 --min-count 2 -o lm/` counts the \
lyrics of the training split five times.

`lyricsrec transcribe song.mp3 --preset wav2vec2 --lm lm/` uses the model.
"""

_LM = LmConfig()
_FLAGS = {name: f"--{name.replace('_', '-')}" for name in ("order", "prune", "min_count", "words_share", "quantise")}


@dataclass(frozen=True, kw_only=True)
class Model(Options):
    """What the model is like."""

    order: Annotated[int, typer.Option(help="Number of words in the longest n-grams.")] = _LM.order
    prune: Annotated[str, typer.Option(help="Drop n-grams that occur at most this often: one number per order.")] = (
        ",".join(map(str, _LM.prune))
    )
    min_count: Annotated[int, typer.Option(min=1, help="Words that occur less often are unknown words.")] = (
        _LM.min_count
    )
    words: Annotated[
        Path | None, typer.Option(help="File of additional words: on each line a word, a tab, and its frequency.")
    ] = None
    words_share: Annotated[
        float, typer.Option(min=0, max=0.99, help="Share of the unigram probability that --words gets.")
    ] = _LM.words_share
    alphabet: options.Alphabet = "english"
    case: Case = "upper"
    language: Annotated[str, typer.Option(help="Language in which numbers are written out.")] = _LM.language or ""
    estimator: Annotated[
        Estimator,
        typer.Option(help="Program that estimates the model; auto takes lmplz if it is on the PATH."),
    ] = _LM.estimator
    quantise: Annotated[
        int | None,
        typer.Option(min=2, max=16, metavar="BITS", help="Bits per number, to save memory; needs build_binary."),
    ] = None

    def config(self) -> LmConfig:
        """The settings of the model. Raises UsageError for values that do not fit."""
        from lyricsrec.lyrics.languages import language_name

        given = {
            "order": self.order,
            "prune": options.numbers_of(self.prune, "--prune", int)[: self.order],
            "min_count": self.min_count,
            "words": self.words,
            "words_share": self.words_share,
            "lyrics": LyricsConfig(letters=options.letters_of(self.alphabet), case=self.case),
            "language": language_name(self.language),
            "estimator": self.estimator,
            "quantise": self.quantise,
        }
        return checked(LmConfig, given, flags=_FLAGS)


def build(
    texts: Annotated[
        list[Path],
        typer.Argument(metavar="TEXT...", help="Texts (.txt, .xz, .gz), folders of them, or manifests (.jsonl)."),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Output folder for the model.")],
    weight: Annotated[
        list[int] | None,
        typer.Option(min=1, max=1_000_000, help="How many times a text counts: one --weight per TEXT, in order."),
    ] = None,
    model: Model,
    verbosity: options.Verbosity,
) -> None:
    """Build an n-gram language model from texts, normalised to the letters of the recogniser.

    Interpolated modified Kneser-Ney smoothing, by KenLM's lmplz or, where it is not installed, by lyricsrec itself. The
    folder contains the model, its vocabulary and its settings; pass it to `transcribe --lm`.
    """
    from lyricsrec.cli.tables import print_table
    from lyricsrec.lm.estimation.build import WeightedText
    from lyricsrec.lm.estimation.build import build as build_model

    weights = weight or [1] * len(texts)
    if len(weights) != len(texts):
        raise UsageError(f"{len(texts)} texts, but {len(weights)} weights", "Give --weight once for each TEXT.")
    config = model.config()
    weighted = [WeightedText(path, number) for path, number in zip(texts, weights, strict=True)]
    with verbosity.screen() as screen:
        made = build_model(weighted, output, config, progress=screen)
    if not verbosity.quiet:
        rows: list[tuple[str, int]] = [("sentences", made.num_sentences), ("words", made.num_words)]
        rows += [(f"{n}-grams", number) for n, number in enumerate(made.ngrams, 1)]
        print_table(f"{output} (by {made.estimator})", ("", "number"), rows)
