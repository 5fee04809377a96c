"""`lyricsrec dali-prepare`, also called `dataset prepare dali`; and what it shares with other sources of songs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import DataError, UsageError
from lyricsrec.cli import options
from lyricsrec.cli.data import rules as given
from lyricsrec.cli.screen import EXIT_FAILURE, Screen
from lyricsrec.dataset.preparation.settings import DatasetConfig

if TYPE_CHECKING:
    from lyricsrec.dataset.sources.base import Source

EXAMPLES = """
**Examples**

`lyricsrec dali-prepare --annotations DALI_v1.0/ --audio songs/ --output dali/ --dry-run` shows how songs would be \
split and words kept.

`lyricsrec dali-prepare --annotations DALI_v1.0/ --audio songs/ --output dali/ --ground-truth gt_v1.0_22-11-18.gz` \
prepares the data set, with corrected times where the ground truth has them.

`lyricsrec dali-prepare --annotations DALI_v1.0/ --export-json dali-json/` converts the pickles to JSON, once.

`lyricsrec dataset prepare dali --annotations DALI_v2.0/ --audio songs/ --output dali/ --chunks fixed --chunk-s 5` \
is the same command under its other name; it cuts as the project of 2021 did.
"""

_MAX_SHOWN = 6
_RULES = given.Rules(alphabet="english")


def dali_prepare(
    *,
    annotations: Annotated[Path, typer.Option(help="Folder of DALI entries, .gz or .json (searched recursively).")],
    audio: Annotated[
        Path | None,
        typer.Option(help="Folder of songs, named by DALI id or 'artist - title' (searched recursively)."),
    ] = None,
    output: given.Output = None,
    ground_truth: Annotated[
        Path | None, typer.Option(help="DALI's ground truth file (.gz) with corrected times.")
    ] = None,
    export_json: Annotated[
        Path | None, typer.Option(help="Also write every entry as DALI JSON to this folder.")
    ] = None,
    split: given.NccSplit,
    rules: given.Rules = _RULES,
    work: given.Work,
    verbosity: options.Verbosity,
) -> None:
    """Make training data from DALI annotations and your own copies of the songs.

    Writes songs.jsonl, train.jsonl, validation.jsonl, test.jsonl, report.json and report.png. An interrupted run
    continues where it stopped. The report lists song ids without audio.
    """
    from lyricsrec.dataset.sources.base import SourcePaths
    from lyricsrec.dataset.sources.registry import open_source

    config = rules.config(DatasetConfig().languages, split)
    if export_json is None and (audio is None or output is None):
        raise UsageError("--audio and --output are missing", "To convert the entries only, give --export-json.")
    if (audio is None) != (output is None):
        raise UsageError("--audio and --output belong together", "Give both, or neither.")
    if audio is not None and not audio.is_dir():
        raise UsageError(f"--audio {audio}: not a folder")
    with verbosity.screen() as screen:
        source = open_source("dali", SourcePaths(annotations, audio, ground_truth))
        num_failed = export(source, export_json, "json", screen) if export_json and not work.dry_run else 0
        if output is not None:
            prepare(source, output, config, work, screen)
    if num_failed:
        raise typer.Exit(EXIT_FAILURE)


def prepare(source: Source, output: Path, config: DatasetConfig, work: given.Work, screen: Screen) -> None:
    """Prepare a data set, and print how songs and words were split, kept and dropped."""
    from lyricsrec.cli.tables import print_report
    from lyricsrec.dataset.preparation.prepare import prepare as prepare_data
    from lyricsrec.dataset.preparation.report import reason_label

    report = prepare_data(source, output, config, progress=screen, workers=work.workers, dry_run=work.dry_run)
    print_report(report)
    for song in report.left_out:
        who = f"{song.artist} - {song.title}" if song.title else song.file
        reason = reason_label(song.reason) + (f": {song.detail}" if song.detail else "")
        screen.note(f"left out {song.song_id} ({who}): {reason}")
    problems = [f"{file}: {problem}" for file, found in report.problems.items() for problem in found]
    for problem in problems[:_MAX_SHOWN]:
        screen.warn(problem)
    if len(problems) > _MAX_SHOWN:
        screen.warn(
            f"{len(problems) - _MAX_SHOWN} more rows like these" + ("" if work.dry_run else "; see report.json")
        )
    if not report.num_kept:
        raise DataError(
            "no song is left: the manifests are empty",
            "The table shows the reasons: see --language, --ncc and --split; -v lists every song that was left out.",
        )
    if work.dry_run:
        screen.note("dry run: nothing was written")


def export(source: Source, folder: Path, form: str, screen: Screen) -> int:
    """Write every song as a DALI entry ("json" or "gz"); returns how many failed."""
    from lyricsrec.base.output import check_writable
    from lyricsrec.formats.dali.export import write_entry

    check_writable(folder)
    files = source.files()
    num_failed = 0
    if not files:
        raise DataError("no annotated songs were found", "Check that this is the right folder.")
    for number, file in enumerate(files, 1):
        try:
            write_entry(folder, source.to_dali(file), form)
        except DataError as error:
            screen.error(error)
            num_failed += 1
        screen.update("entries", number, len(files))
    screen.note(f"wrote {len(files) - num_failed} entries to {folder}")
    return num_failed
