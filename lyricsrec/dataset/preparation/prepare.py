"""Prepares a data set: all songs in parallel, then splits, manifests and a report."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from lyricsrec.base.device import num_cores
from lyricsrec.base.errors import DataError, OutputError
from lyricsrec.base.output import check_writable, display_name, expect, sweep
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.base.settings import check
from lyricsrec.base.workers import worker_pool
from lyricsrec.dataset.commit import replacing_all
from lyricsrec.dataset.manifest import SONGS
from lyricsrec.dataset.preparation.journal import Journal, encode, journal_in
from lyricsrec.dataset.preparation.report import DatasetReport, ReportBuilder
from lyricsrec.dataset.preparation.settings import DatasetConfig
from lyricsrec.dataset.preparation.song import AUDIO_FOLDER, DUPLICATE_ID, prepare_song
from lyricsrec.dataset.preparation.split import SPLITS, SplitSong, assign_splits, duplicates_of
from lyricsrec.dataset.sound_folders import remember_sounds
from lyricsrec.dataset.sources.base import Source
from lyricsrec.version import VERSION

REPORT = "report.json"
PICTURE = "report.png"

_BATCH = 8


def prepare(
    source: Source,
    output: Path,
    config: DatasetConfig,
    *,
    progress: Progress = SILENT,
    workers: int | None = None,
    dry_run: bool = False,
) -> DatasetReport:
    """Write manifests, a report and its plot to `output`; returns the report.

    The same input and settings give the same bytes. An interrupted run continues where it stopped when it is started
    again; earlier manifests in the folder stay until the new ones are complete. Extracted audio is written song by song
    and replaces that of an earlier run: use another folder for other settings. `workers` processes read songs (default:
    one per core). `dry_run` does everything but write files.

    Raises DataError if there is nothing to prepare, UsageError for invalid settings, OutputError if the folder is not
    writable.
    """
    check(config)
    files = source.files()
    if not files:
        raise DataError("no annotated songs were found", "Check that this is the right folder.")
    if not dry_run:
        check_writable(output)
        sweep(output)
        sweep(output, f"{AUDIO_FOLDER}/*/")
    with _journal(output, config, dry_run) as journal:
        _prepare_songs(
            source,
            files,
            journal,
            config=replace(config, extract=config.extract and not dry_run),
            output=output,
            progress=progress,
            workers=workers or num_cores(),
        )
        builder = _assign(files, journal, config)
        report = builder.report()
        if not dry_run:
            _write(files, journal, builder=builder, report=report, output=output, progress=progress)
    return report


def _journal(output: Path, config: DatasetConfig, dry_run: bool) -> contextlib.AbstractContextManager[Journal]:
    settings = asdict(config) | {"exclude": sorted(config.exclude), "version": VERSION}
    digest = hashlib.sha256(repr(sorted(settings.items())).encode()).hexdigest()
    return _temporary_journal(digest) if dry_run else journal_in(output, digest)


@contextlib.contextmanager
def _temporary_journal(settings: str) -> Iterator[Journal]:
    with tempfile.TemporaryFile() as file:
        yield Journal(file, settings)


def _prepare_songs(
    source: Source,
    files: Sequence[Path],
    journal: Journal,
    *,
    config: DatasetConfig,
    output: Path,
    progress: Progress,
    workers: int,
) -> None:
    todo = [file for file in files if not journal.finished(file)]
    done = len(files) - len(todo)
    if done:
        progress.note(f"{done} songs are already prepared")
    progress.update("songs", done, len(files))
    for file, entry in zip(todo, _entries(source, todo, config=config, output=output, workers=workers), strict=True):
        journal.add(file, entry)
        done += 1
        progress.update("songs", done, len(files))


def _entries(
    source: Source, files: Sequence[Path], *, config: DatasetConfig, output: Path, workers: int
) -> Iterator[bytes]:
    if workers <= 1 or len(files) <= _BATCH:
        yield from (encode(file, prepare_song(source, file, config, output=output)) for file in files)
        return
    start = partial(_start_worker, source, config, output)
    try:
        with worker_pool(min(workers, len(files)), start) as pool:
            yield from pool.map(_work, files, chunksize=1 if config.extract else _BATCH)
    except BrokenProcessPool:
        raise DataError(
            "a worker process died while reading songs",
            "Finished songs are kept: run it again to continue. With --workers 1 you see which song it is.",
        ) from None


_job: list[tuple[Source, DatasetConfig, Path]] = []


def _start_worker(source: Source, config: DatasetConfig, output: Path) -> None:
    if config.extract:
        expect(output)
    _job.append((source, config, output))


def _work(file: Path) -> bytes:
    source, config, output = _job[0]
    return encode(file, prepare_song(source, file, config, output=output))


def _assign(files: Sequence[Path], journal: Journal, config: DatasetConfig) -> ReportBuilder:
    """Assign the splits, leave out songs whose id was used before, and sum up."""
    builder = ReportBuilder(config)
    usable: dict[str, SplitSong] = {}
    for file in files:
        song = journal.summary(file)
        if song.left_out is None and song.song_id in usable:
            song = replace(song, left_out=DUPLICATE_ID, dropped=Counter({DUPLICATE_ID: song.num_annotated}))
        if song.left_out is None:
            usable[song.song_id] = SplitSong(song.song_id, song.artist, song.title, ncc=song.ncc)
        builder.add(file, song)
    songs = list(usable.values())
    builder.assign(assign_splits(songs, config.split), duplicates_of(songs))
    return builder


def _write(
    files: Sequence[Path],
    journal: Journal,
    *,
    builder: ReportBuilder,
    report: DatasetReport,
    output: Path,
    progress: Progress,
) -> None:
    from lyricsrec.dataset.preparation.plots import write_picture

    order = sorted((song_id, file) for file, song_id in builder.used.items())
    _remember(output, {journal.audio(file).parent for _, file in order}, progress)
    manifests = (SONGS, *(f"{split}.jsonl" for split in SPLITS))
    with replacing_all(output, (*manifests, PICTURE, REPORT)) as temporary:
        with contextlib.ExitStack() as stack:
            opened = {
                name: stack.enter_context(temporary[name].open("w", encoding="utf-8", newline="\n"))
                for name in manifests
            }
            for number, (song_id, file) in enumerate(order, 1):
                split = builder.splits[song_id]
                song_line, chunk_lines = journal.rows(file, split)
                opened[SONGS].write(song_line)
                opened[f"{split}.jsonl"].write(chunk_lines)
                progress.update("manifests", number, len(order))
        write_picture(temporary[PICTURE], report)
        temporary[REPORT].write_text(report.to_json(), "utf-8", newline="\n")


def _remember(output: Path, folders: set[Path], progress: Progress) -> None:
    """Remember where the songs of the manifests lie, so that other commands may read them there."""
    try:
        remember_sounds(output, folders)
    except OutputError as error:
        progress.warn(f"{error}: later commands need --audio for songs outside {display_name(output)}")
