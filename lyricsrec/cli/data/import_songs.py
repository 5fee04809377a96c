"""`lyricsrec import`: data sets from other sources than DALI."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.data import options as dataset_options
from lyricsrec.cli.data.dali_prepare import export, run
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, reporting
from lyricsrec.dataset.preparation.settings import ChunkConfig, DatasetConfig, SplitConfig

EXAMPLES = """
**Examples**

`lyricsrec import ultrastar karaoke/ --output karaoke-data/` prepares a folder of UltraStar songs.

`lyricsrec import ultrastar karaoke/ --to-dali entries/` writes them as DALI entries, audio or not.

`lyricsrec import jamendolyrics jamendolyrics/ --output jamendo-de/ --language german --ratios 0,0,1` makes one test \
split of the German songs.
"""

_DATASET, _CHUNK, _SPLIT = DatasetConfig(), ChunkConfig(), SplitConfig(mode="random", ncc=0.0)
_RATIOS = ",".join(f"{share:g}" for share in _SPLIT.ratios)


class Format(str, Enum):
    """What a folder holds."""

    ULTRASTAR = "ultrastar"
    JAMENDOLYRICS = "jamendolyrics"


def import_songs(
    format_: Annotated[Format, typer.Argument(metavar="FORMAT", help="ultrastar or jamendolyrics.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of UltraStar songs (searched below), or of JamendoLyrics.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for manifests, report and picture.")
    ] = None,
    to_dali: Annotated[Path | None, typer.Option(help="Write the songs as DALI entries (.gz) to this folder.")] = None,
    language: dataset_options.Languages = None,
    exclude: dataset_options.Exclude = None,
    ratios: dataset_options.Ratios = _RATIOS,
    seed: dataset_options.Seed = _SPLIT.seed,
    separate_artists: dataset_options.SeparateArtists = False,
    alphabet: dataset_options.Alphabet = "auto",
    case: dataset_options.Case = _DATASET.lyrics.case,
    chunks: dataset_options.Chunks = _CHUNK.mode,
    chunk_s: dataset_options.ChunkS = _CHUNK.chunk_s,
    max_gap_s: dataset_options.MaxGapS = _CHUNK.max_gap_s,
    pad_s: dataset_options.PadS = _CHUNK.pad_s,
    extract: dataset_options.Extract = False,
    workers: dataset_options.Workers = None,
    dry_run: dataset_options.DryRun = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Make training data of UltraStar songs or JamendoLyrics; or DALI entries of them.

    The same manifests as `dali-prepare` writes. Nobody measured how well these annotations fit, so songs are split at
    random; all languages are kept, each spelled with its own letters.
    """
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        from lyricsrec.dataset.sources.base import SourcePaths
        from lyricsrec.dataset.sources.registry import open_source

        if output is None and to_dali is None:
            raise UsageError("--output is missing", "Or give --to-dali to write DALI entries only.")
        config = dataset_options.Rules(
            language or ["all"],
            exclude,
            alphabet,
            case=case,
            chunk={"mode": chunks, "chunk_s": chunk_s, "max_gap_s": max_gap_s, "pad_s": pad_s},
            split={
                "mode": "random",
                "ncc": 0.0,
                "ratios": dataset_options.ratios_of(ratios),
                "seed": seed,
                "separate_artists": separate_artists,
            },
            extract=extract,
        ).config()
        source = open_source(format_.value, SourcePaths(folder))
        failed = export(source, to_dali, "gz", screen) if to_dali and not dry_run else 0
        if output is not None:
            run(source, output, config, workers, dry_run, screen)
    if failed:
        raise typer.Exit(EXIT_FAILURE)
