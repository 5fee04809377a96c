"""`lyricsrec dali-prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.cli import options
from lyricsrec.cli.data import options as dataset_options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, reporting
from lyricsrec.dataset.preparation.settings import ChunkConfig, DatasetConfig, SplitConfig

if TYPE_CHECKING:
    from lyricsrec.dataset.preparation.report import DatasetReport
    from lyricsrec.dataset.sources.base import Source

EXAMPLES = """
**Examples**

`lyricsrec dali-prepare --annotations DALI_v1.0/ --audio songs/ --output dali/ --dry-run` says what would go where.

`lyricsrec dali-prepare --annotations DALI_v1.0/ --audio songs/ --output dali/ --ground-truth gt_v1.0_22-11-18.gz` \
prepares it, re-timed where the ground truth knows better.

`lyricsrec dali-prepare --annotations DALI_v1.0/ --export-json dali-json/` turns the pickles into JSON, once.

`lyricsrec dali-prepare --annotations DALI_v2.0/ --audio songs/ --output dali/ --chunks fixed --chunk-s 5` cuts as the \
project of 2021 did.
"""

_DATASET, _CHUNK, _SPLIT = DatasetConfig(), ChunkConfig(), SplitConfig()
_RATIOS = ",".join(f"{share:g}" for share in _SPLIT.ratios)


def dali_prepare(
    annotations: Annotated[Path, typer.Option(help="Folder of DALI entries, .gz or .json (searched below).")],
    audio: Annotated[
        Path | None, typer.Option(help="Folder of songs, named by id or 'artist - title' (searched below).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for manifests, report and picture.")
    ] = None,
    ground_truth: Annotated[Path | None, typer.Option(help="DALI's ground truth (.gz): corrected times.")] = None,
    export_json: Annotated[Path | None, typer.Option(help="Write every entry as DALI's JSON to this folder.")] = None,
    language: dataset_options.Languages = None,
    exclude: dataset_options.Exclude = None,
    split: dataset_options.Split = _SPLIT.mode,
    ncc: dataset_options.Ncc = _SPLIT.ncc,
    validation_ncc: dataset_options.ValidationNcc = _SPLIT.validation_ncc,
    test_ncc: dataset_options.TestNcc = _SPLIT.test_ncc,
    ratios: dataset_options.Ratios = _RATIOS,
    seed: dataset_options.Seed = _SPLIT.seed,
    separate_artists: dataset_options.SeparateArtists = False,
    alphabet: dataset_options.Alphabet = "english",
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
    """Make training data of DALI annotations and your own copies of the songs.

    Writes songs.jsonl, train.jsonl, validation.jsonl, test.jsonl, report.json and report.png. A run that was
    interrupted goes on where it stopped. Song ids without audio are in the report.
    """
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        from lyricsrec.dataset.sources.base import SourcePaths
        from lyricsrec.dataset.sources.registry import open_source

        config = dataset_options.Rules(
            language or list(_DATASET.languages),
            exclude,
            alphabet,
            case=case,
            chunk={"mode": chunks, "chunk_s": chunk_s, "max_gap_s": max_gap_s, "pad_s": pad_s},
            split={
                "mode": split,
                "ncc": ncc,
                "validation_ncc": validation_ncc,
                "test_ncc": test_ncc,
                "ratios": dataset_options.ratios_of(ratios),
                "seed": seed,
                "separate_artists": separate_artists,
            },
            extract=extract,
        ).config()
        if export_json is None and (audio is None or output is None):
            raise UsageError("--audio and --output are missing", "Or give --export-json to convert the entries only.")
        if (audio is None) != (output is None):
            raise UsageError("--audio and --output go together")
        if audio is not None and not audio.is_dir():
            raise UsageError(f"--audio {audio} is no folder")
        source = open_source("dali", SourcePaths(annotations, audio, ground_truth))
        failed = export(source, export_json, "json", screen) if export_json and not dry_run else 0
        if output is not None:
            run(source, output, config, workers, dry_run, screen)
    if failed:
        raise typer.Exit(EXIT_FAILURE)


def run(
    source: Source, output: Path, config: DatasetConfig, workers: int | None, dry_run: bool, screen: Screen
) -> DatasetReport:
    """Prepare a data set and show what went where."""
    from lyricsrec.cli.tables import print_report
    from lyricsrec.dataset.preparation.prepare import prepare

    report = prepare(source, output, config, progress=screen, workers=workers, dry_run=dry_run)
    print_report(report)
    for song in report.left_out:
        who = f"{song.artist} - {song.title}" if song.title else song.file
        screen.note(f"left out {song.song_id} ({who}): {song.reason}" + (f": {song.detail}" if song.detail else ""))
    if not report.num_kept:
        raise DataError(
            "no song is left: the manifests are empty",
            "The table says why: see --language, --ncc and --split; -v names every song that was left out.",
        )
    if dry_run:
        screen.note("nothing was written")
    return report


def export(source: Source, folder: Path, form: str, screen: Screen) -> int:
    """Write every song as a DALI entry ("json" or "gz"); returns how many could not be."""
    from lyricsrec.base.output import check_writable
    from lyricsrec.formats.dali.export import write_entry

    check_writable(folder)
    files = source.files()
    failed = 0
    if not files:
        raise DataError("no annotated songs were found", "Is it the right folder?")
    for number, file in enumerate(files, 1):
        try:
            write_entry(folder, source.to_dali(file), form)
        except DataError as error:
            screen.error(error)
            failed += 1
        screen.update("entries", number, len(files))
    screen.note(f"wrote {len(files) - failed} entries to {folder}")
    return failed
