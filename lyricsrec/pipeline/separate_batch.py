"""Batches of songs to separate: where their stems are written, which are skipped, and which failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.audio.inputs import SongInput, find_songs
from lyricsrec.base.errors import AudioError, LyricsrecError, ModelError, OutputError, UsageError
from lyricsrec.base.output import check_writable, display_name
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.pipeline.batch import FAILURES, check_kept, failure, result_names
from lyricsrec.pipeline.separate import separate_into
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.separation.base import STEMS, Separator
from lyricsrec.separation.stems.files import StemFiles, StemWriter, is_stem_file, stem_file


@dataclass(frozen=True)
class Separated:
    """The result of one song: its files, an error, or neither if it was skipped because its files exist."""

    song: SongInput
    files: StemFiles | None = None
    error: LyricsrecError | None = None


def songs_to_separate(arguments: Sequence[str], *, track: int | str | None = None) -> list[SongInput]:
    """The songs that arguments name, as `find_songs`; stems of earlier runs count only where they are named."""
    songs: list[SongInput] = []
    for argument in arguments:
        found = find_songs([argument], track=track)
        if Path(argument).is_dir():
            found = [song for song in found if song.path is None or not is_stem_file(song.path)] or [
                SongInput(argument, None, Path(argument), problem="no songs in this folder, only stems")
            ]
        songs += found
    return songs


def separate_songs(
    songs: Sequence[SongInput],
    folder: Path,
    config: StemConfig,
    *,
    skip_existing: bool = False,
    progress: Progress = SILENT,
) -> Iterator[Separated]:
    """Separate songs one after another; the files of each are complete before the next one begins.

    The separator is loaded at the first song that can be opened. A song that fails, or of which no stem is worth
    keeping, becomes a result with its error; a separator that cannot be loaded raises ModelError or UsageError.
    """
    check_writable(folder)
    separator: Separator | None = None
    sources = {song.path.resolve() for song in songs if song.path is not None}
    for song, name in zip(songs, result_names(songs), strict=True):
        check_kept(folder)
        wanted = [stem_file(folder / name, stem, config.form) for stem in STEMS]
        if skip_existing and all(path.exists() for path in wanted):
            yield Separated(song)
            continue
        try:
            _check_apart(wanted, sources)
            with song.open() as opened:
                separator = separator or config.load(progress)
                writer = StemWriter(folder / name, config.form, keeps_all=config.keeps_all)
                files = separate_into(writer, opened, separator, progress)
            _check_any(song, files)
            yield Separated(song, files)
        except (ModelError, UsageError):
            raise
        except LyricsrecError as error:
            yield Separated(song, error=error)
        except FAILURES as error:
            yield Separated(song, error=failure(song.name, error))


def _check_apart(wanted: Iterable[Path], sources: set[Path]) -> None:
    """Raise OutputError where a stem would replace one of the songs."""
    for path in wanted:
        if path.resolve() in sources:
            raise OutputError(
                f"{display_name(path)} is one of the songs and would be replaced", "Choose another --output."
            )


def _check_any(song: SongInput, files: StemFiles) -> None:
    """Raise AudioError where no stem was worth keeping."""
    if not files.paths:
        raise AudioError(
            f"{song.name}: nothing is written: {'; '.join(dict.fromkeys(files.missing.values()))}",
            "--keep-all writes both stems all the same.",
        )
