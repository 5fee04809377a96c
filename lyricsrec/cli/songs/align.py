"""`lyricsrec align`: lyrics that exist already get timestamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.one_song import find_one
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result
from lyricsrec.formats.registry import format_of_file
from lyricsrec.lyrics.transcript import Line, Transcript
from lyricsrec.models.catalogue import align_model
from lyricsrec.pipeline.settings import PipelineConfig

if TYPE_CHECKING:
    from lyricsrec.audio.inputs import SongInput
    from lyricsrec.formats.base import Lyrics

EXAMPLES = """
**Examples**

`lyricsrec align song.mp3 lyrics.txt` prints LRC.

`lyricsrec align song.mp3 lyrics.txt -o song.ass --report` writes karaoke subtitles, and lists the lines to check.

`lyricsrec align song.mp3 old.lrc -f json --strict` times every word near the time of its line, and fails if a line \
cannot be placed.

`lyricsrec align song.mp3 lyrics.txt --embed` also writes the lyrics with their times into the tags of song.mp3.

`lyricsrec align song.mp3 old.lrc --verify --fix -o new.lrc` reports whether the times fit, and writes corrected ones.

`pbpaste | lyricsrec align song.mp3 - -f srt` reads the lyrics from standard input.
"""

_DEFAULT_FORMAT = "lrc"


@dataclass(frozen=True, kw_only=True)
class Files(Options):
    """What is written where."""

    format_: Annotated[list[str] | None, options.format_option(_DEFAULT_FORMAT)] = None
    output: options.Output = None
    embed: options.Embed = False
    sections: options.Sections = False
    romanise: options.Romanise = False


@dataclass(frozen=True, kw_only=True)
class Models(Options):
    """Which models align."""

    model: Annotated[
        str | None,
        typer.Option(
            help="CTC model: known name, hub repository (owner/name) or folder. Default: sung, or sung.en without the "
            "extra offline."
        ),
    ] = None
    separator: Annotated[
        str | None,
        typer.Option(help="Separator: center, htdemucs, ... Default: that of the model's folder, else spleeter."),
    ] = None
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of the lyrics, for digits and multilingual models (de; MMS: deu). Default: that of the "
            "lyrics file, else en."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Checks(Options):
    """What is checked and reported."""

    report: Annotated[
        bool, typer.Option("--report", help="List the lines that are doubtful or could not be placed.")
    ] = False
    verify: Annotated[
        bool, typer.Option("--verify", help="Report whether the times in the lyrics fit the song (-f json: as JSON).")
    ] = False
    fix: Annotated[
        bool, typer.Option("--fix", help="Like --verify, and write lyrics with corrected times to --output.")
    ] = False
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 if a line cannot be placed; with --verify, 3 if the times misfit."),
    ] = False


def align(
    song: options.Song,
    lyrics: Annotated[
        str | None,
        typer.Argument(
            metavar="LYRICS",
            help="Lyrics: txt, lrc (its times serve as hints), json, ...; or - for standard input. Default: those in "
            "the tags of the song.",
            show_default=False,
        ),
    ] = None,
    *,
    files: Files,
    models: Models,
    checks: Checks,
    track: options.Track = None,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Align lyrics that you have with a song: a timestamp for every line and word."""
    config = PipelineConfig(
        separator=models.separator,
        model=models.model or align_model(),
        language=models.language,
        device=compute.device,
        dtype=compute.dtype,
        offline=compute.offline,
        aligns=True,
    )
    config.check()
    with verbosity.screen() as screen:
        found = find_one(song, lyrics, track, "align")
        if checks.verify or checks.fix:
            _verify(found, lyrics, files, checks, config, screen)
            return
        transcript = _run(found, lyrics, files, config, screen)
    _warn_of_unplaced(transcript, screen)
    if checks.report:
        _print_report(transcript.lines, screen)
    if checks.strict and _num_unplaced(transcript.lines):
        raise typer.Exit(EXIT_FAILURE)


def _run(song: SongInput, lyrics: str | None, files: Files, config: PipelineConfig, screen: Screen) -> Transcript:
    """Align, and write or print the result."""
    from lyricsrec.base.output import write_text
    from lyricsrec.music.romanise import with_romanised
    from lyricsrec.pipeline.batch import check_embeds, plan_output, result_names
    from lyricsrec.pipeline.embed import embed_lyrics

    output = files.output
    by_extension = output is not None and not output.is_dir() and format_of_file(output.name) is not None
    plan = plan_output(files.format_ or ([] if by_extension else [_DEFAULT_FORMAT]), output, 1)
    plan = plan.with_sections if files.sections else plan
    plan.check()
    if files.embed:
        check_embeds(song)
    transcript = _aligned(song, _given(song, lyrics), config, screen)
    transcript = with_romanised(transcript) if files.romanise else transcript
    if output is None:
        print_result(plan.formats[0].render(transcript))
    for path, form in zip(plan.files_of(result_names([song])[0]), plan.formats, strict=False):
        write_text(path, form.render(transcript))
        screen.note(f"wrote {path}")
    if files.embed and song.path is not None:
        embed_lyrics(song.path, transcript)
        screen.note(f"{song.name}: lyrics written into its tags")
    return transcript


def _given(song: SongInput, lyrics: str | None) -> Lyrics:
    """The lyrics of a file, or those in the tags of the song."""
    from lyricsrec.audio.embedding import embedded_lyrics
    from lyricsrec.formats.read import parse_lyrics, read_lyrics

    if lyrics is not None:
        return read_lyrics(Path(lyrics))
    found = embedded_lyrics(song.path) if song.path is not None else None
    if found is None:
        raise UsageError(f"{song.name}: no lyrics in its tags", "Give a file with the lyrics, as in align SONG LYRICS.")
    return parse_lyrics(found, f"the lyrics in the tags of {song.name}")


def _verify(
    song: SongInput, lyrics: str | None, files: Files, checks: Checks, config: PipelineConfig, screen: Screen
) -> None:
    """Compare the times in the lyrics with those that alignment finds."""
    from lyricsrec.cli.songs.verify import VerifyOptions, verify_lyrics

    if files.embed:
        raise UsageError("--embed does not go with --verify", "Align with the corrected lyrics and --embed.")
    wanted = VerifyOptions(checks.fix, files.output, tuple(files.format_ or ()), strict=checks.strict)
    verify_lyrics(song.name, _given(song, lyrics), lambda given: _aligned(song, given, config, screen), wanted, screen)


def _aligned(song: SongInput, given: Lyrics, config: PipelineConfig, screen: Screen) -> Transcript:
    from lyricsrec.alignment.settings import AlignConfig
    from lyricsrec.lyrics.languages import language_name
    from lyricsrec.pipeline.load import load_pipeline

    language = language_name(config.language) or given.language or AlignConfig.language
    with song.open() as opened:
        pipeline = load_pipeline(config, progress=screen)
        transcript = pipeline.align(opened, given.lines, AlignConfig(language=language), progress=screen)
    return replace(transcript, notes=(*given.notes, *transcript.notes))


def _num_unplaced(lines: Sequence[Line]) -> int:
    return sum(line.placement is not None and line.placement.band == "unplaced" for line in lines)


def _warn_of_unplaced(transcript: Transcript, screen: Screen) -> None:
    missing, total = _num_unplaced(transcript.lines), len(transcript.lines)
    if missing == total:
        lines = f"none of the {total} lines was" if total > 1 else "the line was not"
        screen.warn(f"{transcript.song}: {lines} found in the recording; check that the lyrics belong to it")
    elif missing:
        screen.warn(f"{transcript.song}: {missing} of {total} lines could not be placed (--report lists them)")


def _print_report(lines: Sequence[Line], screen: Screen) -> None:
    """Print the lines to check as a table on stderr."""
    table = Table("line", "time", "placement", "score", "reason", "text")
    for number, line in enumerate(lines, 1):
        placement = line.placement
        if placement is not None and placement.reason is not None:
            time = "-" if line.start_s is None else clock(line.start_s, 2)
            cells = (str(number), time, placement.band, f"{placement.score:.2f}", placement.reason, line.text)
            table.add_row(*(Text(cell) for cell in cells))
    if table.row_count:
        screen.console.print(table)
    else:
        screen.say("all lines were placed")
