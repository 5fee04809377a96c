"""`lyricsrec align`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result, reporting
from lyricsrec.formats.registry import OUTPUT_FORMATS, format_of_file
from lyricsrec.lyrics.transcript import Line, Transcript
from lyricsrec.models.catalogue import ALIGN_MODEL
from lyricsrec.pipeline.settings import PipelineConfig

if TYPE_CHECKING:
    from lyricsrec.audio.inputs import SongInput
    from lyricsrec.formats.base import Lyrics

EXAMPLES = """
**Examples**

`lyricsrec align song.mp3 lyrics.txt` prints LRC.

`lyricsrec align song.mp3 lyrics.txt -o song.ass --report` writes karaoke, and lists the lines to check.

`lyricsrec align song.mp3 old.lrc -f json --strict` times every word near the times of its line, and fails where a \
line has no place.

`lyricsrec align song.mp3 old.lrc --verify --fix -o new.lrc` says whether its times fit, and corrects them.

`pbpaste | lyricsrec align song.mp3 - -f srt` reads the lyrics from standard input.
"""

_DEFAULT_FORMAT = "lrc"
_PIPELINE = PipelineConfig()


def align(
    song: options.Song,
    lyrics: Annotated[
        str,
        typer.Argument(metavar="LYRICS", help="txt, lrc (its times are hints), json, ...; or - for standard input."),
    ],
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            help=f"May repeat: {', '.join(OUTPUT_FORMATS)}. Default: {_DEFAULT_FORMAT}, or by --output's ending.",
        ),
    ] = None,
    output: options.Output = None,
    model: Annotated[str, typer.Option(help="A CTC model: known name, hub owner/name, or folder.")] = ALIGN_MODEL,
    separator: Annotated[
        str | None, typer.Option(help="center, htdemucs, ...; none unless the model brings its own.")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of digits, and of models that know several (de; MMS: deu). Default: the lyrics', en."
        ),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="List the lines that are doubtful or have no place.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Say whether the times that the lyrics have fit (-f json: as JSON).")
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Like --verify, and write corrected lyrics to --output.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when a line has no place; with --verify, 3 unless times fit.")
    ] = False,
    device: options.Device = _PIPELINE.device,
    dtype: options.Dtype = _PIPELINE.dtype,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Time lyrics that you have: every line and word where it is sung."""
    screen = Screen(quiet=quiet, verbose=verbose)
    with reporting(screen):
        config = PipelineConfig(
            separator=separator,
            model=model,
            language=language,
            device=device,
            dtype=dtype,
            offline=offline,
            aligns=True,
        )
        config.check()
        if verify or fix:
            _verify(song, lyrics, format_ or [], output, config, screen, fix=fix, strict=strict)
            return
        transcript = _run(song, lyrics, format_ or [], output, config, screen)
        _tell(transcript, screen)
        if report:
            _print_report(transcript.lines, screen)
        missing = _unplaced(transcript.lines)
    if strict and missing:
        raise typer.Exit(EXIT_FAILURE)


def _run(
    song: str, lyrics: str, formats: Sequence[str], output: Path | None, config: PipelineConfig, screen: Screen
) -> Transcript:
    """Align, and write or print the result."""
    from lyricsrec.base.output import write_text
    from lyricsrec.formats.read import read_lyrics
    from lyricsrec.pipeline.batch import plan_output, result_names

    found = _find_song(song, lyrics)
    by_ending = output is not None and not output.is_dir() and format_of_file(output.name) is not None
    plan = plan_output(formats or ([] if by_ending else [_DEFAULT_FORMAT]), output, 1)
    plan.check()
    transcript = _aligned(found, read_lyrics(Path(lyrics)), config, screen)
    if output is None:
        print_result(plan.formats[0].render(transcript))
    for path, form in zip(plan.files_of(result_names([found])[0]), plan.formats, strict=False):
        write_text(path, form.render(transcript))
        screen.note(f"wrote {path}")
    return transcript


def _verify(
    song: str,
    lyrics: str,
    formats: Sequence[str],
    output: Path | None,
    config: PipelineConfig,
    screen: Screen,
    *,
    fix: bool,
    strict: bool,
) -> None:
    """Compare the times that the lyrics have with those at which they are heard."""
    from lyricsrec.cli.songs.align_verify import VerifyOptions, verify_lyrics

    found = _find_song(song, lyrics)
    wanted = VerifyOptions(fix, output, tuple(formats), strict=strict)
    verify_lyrics(found.name, lyrics, lambda given: _aligned(found, given, config, screen), wanted, screen)


def _find_song(song: str, lyrics: str) -> SongInput:
    from lyricsrec.audio.inputs import STDIN, find_songs

    if song == lyrics == STDIN:
        raise UsageError("song and lyrics cannot both be standard input", "Give one of them as a file.")
    songs = find_songs([song])
    if len(songs) > 1 or Path(song).is_dir():
        raise UsageError(f"{song} is a folder", "align takes one song.")
    return songs[0]


def _aligned(song: SongInput, given: Lyrics, config: PipelineConfig, screen: Screen) -> Transcript:
    from lyricsrec.alignment.settings import AlignConfig
    from lyricsrec.lyrics.languages import language_name
    from lyricsrec.pipeline.load import load_pipeline

    spoken = language_name(config.language) or given.language or AlignConfig.language
    with song.open() as opened:
        pipeline = load_pipeline(config, progress=screen)
        return pipeline.align(opened, given.lines, AlignConfig(language=spoken), progress=screen)


def _unplaced(lines: Sequence[Line]) -> int:
    return sum(line.placement is not None and line.placement.band == "unplaced" for line in lines)


def _tell(transcript: Transcript, screen: Screen) -> None:
    """Warn of lines without a place."""
    missing, total = _unplaced(transcript.lines), len(transcript.lines)
    if missing == total:
        screen.warn(f"{transcript.song}: none of the {total} lines was heard; are these its lyrics?")
    elif missing:
        screen.warn(f"{transcript.song}: {missing} of {total} lines have no place (--report lists them)")


def _print_report(lines: Sequence[Line], screen: Screen) -> None:
    """Show the lines to check in a table on stderr."""
    table = Table("line", "time", "placed", "score", "why", "text")
    for number, line in enumerate(lines, 1):
        placement = line.placement
        if placement is not None and placement.reason is not None:
            time = "-" if line.start_s is None else clock(line.start_s, 2)
            cells = (str(number), time, placement.band, f"{placement.score:.2f}", placement.reason, line.text)
            table.add_row(*(Text(cell) for cell in cells))
    if table.row_count:
        screen.console.print(table)
    else:
        screen.say("every line has its place")
