"""Batches of songs: where results are written, which songs are skipped, and which failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from lyricsrec.audio.embedding import check_can_embed
from lyricsrec.audio.inputs import SongInput
from lyricsrec.audio.media import SUFFIXES, Song
from lyricsrec.base.errors import LyricsrecError, ModelError, OutputError, UsageError
from lyricsrec.base.output import check_writable, display_name, has_vanished, write_text
from lyricsrec.base.progress import Progress
from lyricsrec.formats.base import Format
from lyricsrec.formats.registry import format_of_file, get_format
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.pipeline.embed import embed_lyrics
from lyricsrec.pipeline.pipeline import Pipeline

FAILURES = (RuntimeError, ValueError, MemoryError)
"""Errors that end one song but not the batch: mostly running out of memory, where the next song may be shorter."""

Finish = Callable[[Pipeline, Song, Transcript], Transcript]
"""What is done to each transcript of a batch while its song is open."""

_FAILED_HINT = "If memory ran out, try --device cpu or a smaller model; else please report it with `lyricsrec doctor`."


@dataclass(frozen=True)
class Outcome:
    """The result of one song: a transcript, an error, or neither if it was skipped because its results exist."""

    song: SongInput
    files: tuple[Path, ...] = ()
    transcript: Transcript | None = None
    _: KW_ONLY
    error: LyricsrecError | None = None


@dataclass(frozen=True)
class OutputPlan:
    """Where results are written: one file, a folder, or (both None) nowhere; they are returned to the caller.

    With `embeds`, lyrics are also written into the tags of the songs.
    """

    formats: tuple[Format, ...]
    file: Path | None = None
    folder: Path | None = None
    _: KW_ONLY
    stems: Path | None = None
    skip_existing: bool = False
    embeds: bool = False

    @property
    def with_sections(self) -> OutputPlan:
        """The same plan, with headings for the sections of songs in formats that have room for them."""
        return replace(self, formats=tuple(form.with_sections for form in self.formats))

    def files_of(self, name: Path) -> tuple[Path, ...]:
        """The result files of the song that is called `name`."""
        if self.file is not None:
            return (self.file,)
        if self.folder is None:
            return ()
        return tuple(self.folder / name.with_name(name.name + form.suffix) for form in self.formats)

    def check(self) -> None:
        """Raise OutputError if results cannot be written, before any work is done."""
        for folder in self._folders:
            check_writable(folder)

    def check_kept(self) -> None:
        """Raise OutputError if a folder of results that `check` made has vanished, with the results in it."""
        for folder in self._folders:
            check_kept(folder)

    @property
    def _folders(self) -> list[Path]:
        places = (self.folder, self.file.parent if self.file else None, self.stems)
        return [folder for folder in places if folder is not None]


_VANISHED_HINT = "Results that were in it are lost. Make sure that nothing removes it, and run the command again."


def check_kept(folder: Path) -> None:
    """Raise OutputError if a folder of results has vanished since the batch began, with the results in it."""
    if has_vanished(folder):
        raise OutputError(f"{display_name(folder)}: the folder has vanished", _VANISHED_HINT)


def result_names(songs: Sequence[SongInput]) -> list[Path]:
    """A unique name for each song's results.

    The song's path without its suffix; with it where songs differ only in that; numbered where even that is equal.
    """
    bare = [
        song.relative.with_suffix("") if song.relative.suffix.lower() in SUFFIXES else song.relative for song in songs
    ]
    count = Counter(bare)
    names: dict[Path, None] = {}
    last: dict[Path, int] = {}
    for song, name in zip(songs, bare, strict=True):
        wanted = song.relative if count[name] > 1 else name
        number, unique = last.get(wanted, 1), wanted
        while unique in names:
            number += 1
            unique = wanted.with_name(f"{wanted.name} ({number})")
        names[unique] = None
        last[wanted] = number
    return list(names)


def plan_output(
    formats: Sequence[str],
    output: Path | None,
    num_songs: int,
    *,
    stems: Path | None = None,
    skip_existing: bool = False,
) -> OutputPlan:
    """Plan the output for `--format` and `--output`.

    A path with the suffix of a known format that is not a folder is a file; without `--format` its suffix selects the
    format. Any other path is a folder.

    Raises UsageError when the two do not fit together or the number of songs.
    """
    chosen = tuple(dict.fromkeys(get_format(name) for name in formats))
    if output is None:
        if len(chosen) > 1:
            raise UsageError("several formats cannot share standard output", "Give a folder with --output.")
        if skip_existing:
            raise UsageError("--skip-existing needs --output")
        return OutputPlan(chosen or (get_format("txt"),), stems=stems)
    by_name = None if output.is_dir() else format_of_file(output.name)
    if by_name is None and (output.is_dir() or not output.suffix or not chosen):
        return OutputPlan(chosen or (get_format("txt"),), folder=output, stems=stems, skip_existing=skip_existing)
    if num_songs > 1 or len(chosen) > 1:
        raise UsageError(
            f"'{output}' is a single file, which takes one song in one format", "Give a folder with --output."
        )
    formats_of_file = chosen or (by_name,) if by_name else chosen
    return OutputPlan(formats_of_file, file=output, stems=stems, skip_existing=skip_existing)


def transcribe_songs(
    songs: Sequence[SongInput],
    load: Callable[[], Pipeline],
    plan: OutputPlan,
    progress: Progress,
    *,
    finish: Finish | None = None,
) -> Iterator[Outcome]:
    """Transcribe songs one after another; the files of each are complete before the next one begins.

    `load` loads the pipeline, at the first song that can be opened; `finish` changes each transcript. A song that fails
    becomes an outcome with its error, and the batch continues; a model that cannot be loaded ends it with ModelError or
    UsageError.
    """
    plan.check()
    pipeline: Pipeline | None = None
    for song, name in zip(songs, result_names(songs), strict=True):
        plan.check_kept()
        files = plan.files_of(name)
        if plan.skip_existing and files and all(path.exists() for path in files):
            yield Outcome(song, files)
            continue
        try:
            if plan.embeds:
                check_embeds(song)
            with song.open() as opened:
                if pipeline is None:
                    pipeline = load()
                stems = plan.stems / name if plan.stems is not None else None
                transcript = pipeline.transcribe(opened, progress=progress, stems=stems)
                transcript = transcript if finish is None else finish(pipeline, opened, transcript)
            plan.check_kept()
            for path, form in zip(files, plan.formats, strict=False):
                write_text(path, form.render(transcript))
            if plan.embeds:
                _embed(song, transcript, progress)
            yield Outcome(song, files, transcript)
        except (ModelError, UsageError):
            raise
        except LyricsrecError as error:
            yield Outcome(song, files, error=error)
        except FAILURES as error:
            yield Outcome(song, files, error=failure(song.name, error))


def _embed(song: SongInput, transcript: Transcript, progress: Progress) -> None:
    if song.path is not None and transcript.words:
        embed_lyrics(song.path, transcript)
    else:
        progress.warn(f"{song.name}: no lyrics to write into its tags")


def check_embeds(song: SongInput) -> None:
    """Raise OutputError if lyrics cannot be written into the tags of a song, before any work is done."""
    if song.path is None:
        raise OutputError(
            f"{song.name}: no file to write lyrics into", "Give the song as a file, or leave out --embed."
        )
    if song.path.is_file():
        check_can_embed(song.path)


def failure(name: str, error: Exception) -> LyricsrecError:
    """The error to report for a song that one of `FAILURES` ended."""
    reason = str(error).split("\n", 1)[0] or type(error).__name__
    return LyricsrecError(f"{name}: failed ({reason})", _FAILED_HINT)
