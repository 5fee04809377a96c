"""`lyricsrec separate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.cli import interrupt, options
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import EXIT_FAILURE, Screen, print_result
from lyricsrec.pipeline.settings import StemConfig
from lyricsrec.separation.settings import SeparateConfig, StemFormat

if TYPE_CHECKING:
    from lyricsrec.pipeline.separate_batch import Separated

EXAMPLES = """
**Examples**

`lyricsrec separate song.mp3` writes song.vocals.flac and song.instrumental.flac into the current folder.

`lyricsrec separate album/ -o karaoke/ --format mp3 --skip-existing` separates a folder, and goes on where it stopped.

`lyricsrec separate song.mp3 --separator htdemucs` uses Demucs, which is slower and downloaded once.

`ffmpeg -i video.mkv -f wav - | lyricsrec separate - -o stems/` works in a pipeline.
"""

_SEPARATE = SeparateConfig()


@dataclass(frozen=True, kw_only=True)
class Files(Options):
    """What is written where."""

    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write into.")] = Path()
    format_: Annotated[
        StemFormat, typer.Option("--format", "-f", help="flac and wav with 24 bit, or mp3 (variable bit rate).")
    ] = StemConfig.form
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Skip songs whose stems already exist.")] = (
        False
    )
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Also write a stem that is silent or nearly the song itself.")
    ] = False


def separate(
    songs: Annotated[
        list[str],
        typer.Argument(metavar="SONG...", help="Audio or video files, folders of them, or - for standard input."),
    ],
    *,
    files: Files,
    separator: Annotated[str, typer.Option(help="Separator, from `lyricsrec models list`.")] = StemConfig.separator,
    shifts: Annotated[
        int, typer.Option(min=0, help="Number of random time shifts that Demucs averages over.")
    ] = _SEPARATE.shifts,
    treble: Annotated[
        bool, typer.Option("--treble", help="Mask what is above 11 kHz as the highest frequencies below (spleeter).")
    ] = _SEPARATE.treble,
    track: options.Track = None,
    compute: options.Compute,
    seed: options.Seed = _SEPARATE.seed,
    verbosity: options.Verbosity,
) -> None:
    """Separate songs into vocals and instrumental (karaoke), and print the files that were written.

    A song in which no voice is found gets no files and counts as failed; one with nothing but a voice gets no
    instrumental. Existing files are replaced.
    """
    config = StemConfig(
        separator,
        files.format_,
        files.keep_all,
        device=compute.device,
        dtype=compute.dtype,
        offline=compute.offline,
        separate=SeparateConfig(shifts=shifts, seed=seed, treble=treble),
    )
    config.check()
    with verbosity.screen() as screen:
        num_failed = _run(songs, track, files, config=config, screen=screen)
    if num_failed:
        raise typer.Exit(EXIT_FAILURE)


def _run(arguments: Sequence[str], track: str | None, files: Files, *, config: StemConfig, screen: Screen) -> int:
    """Separate, print and report; returns how many songs failed."""
    from lyricsrec.pipeline.separate_batch import separate_songs, songs_to_separate

    songs = songs_to_separate(arguments, track=track)
    results = separate_songs(songs, files.output, config, skip_existing=files.skip_existing, progress=screen)
    num_failed = 0
    for number, song in enumerate(songs, 1):
        screen.begin(f"{number}/{len(songs)} {song.relative.name}: " if len(songs) > 1 else "")
        result = next(results)
        interrupt.check()
        num_failed += result.error is not None
        _report(result, screen)
    return num_failed


def _report(result: Separated, screen: Screen) -> None:
    if result.error is not None:
        screen.error(result.error)
    elif result.files is None:
        screen.note(f"{result.song.name}: skipped, its stems exist")
    else:
        for stem, reason in result.files.missing.items():
            screen.warn(f"{result.song.name}: no {stem}: {reason}")
        for path in result.files.paths.values():
            print_result(f"{path}\n")
