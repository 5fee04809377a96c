"""`lyricsrec karaoke`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import Screen
from lyricsrec.karaoke.settings import DEFAULT_STYLE, NAMED_SIZES, Codec, KaraokeConfig
from lyricsrec.pipeline.settings import PipelineConfig, StemConfig

if TYPE_CHECKING:
    from lyricsrec.audio.inputs import SongInput
    from lyricsrec.lyrics.transcript import Transcript

EXAMPLES = """
**Examples**

`lyricsrec karaoke song.mp3 -o song.mp4` recognises the words, removes the voice, and writes a video.

`lyricsrec karaoke song.mp3 lyrics.txt -o song.mp4 --style stage --backing 0.2` uses lyrics that you have, and leaves \
some of the voice in.

`lyricsrec karaoke song.mp3 song.json --instrumental band.flac --background sea.jpg --size 1080p -o song.webm`

`lyricsrec karaoke song.mp3 song.json -o song.zip` makes CD+G with MP3 for karaoke machines.

`lyricsrec karaoke song.mp3 lyrics.txt --package songs/` fills a folder for UltraStar, players and musicians.
"""

_CONFIG = KaraokeConfig()


@dataclass(frozen=True, kw_only=True)
class Look(Options):
    """What the picture looks like."""

    style: Annotated[str, typer.Option(help="Style: clean, stage, paper, or a TOML file.")] = DEFAULT_STYLE
    background: Annotated[
        str | None,
        typer.Option(help="Behind the words: a colour, an image, or a video. Default: the colour of the style."),
    ] = None
    font: Annotated[
        str | None, typer.Option(help="Font: a file, or a family that is installed. Default: that of the style.")
    ] = None
    size: Annotated[str, typer.Option(help=f"Size of the picture: {', '.join(NAMED_SIZES)} or WIDTHxHEIGHT.")] = (
        _CONFIG.size
    )
    fps: Annotated[int, typer.Option(min=10, max=120, help="Pictures per second.")] = _CONFIG.fps
    codec: Annotated[Codec, typer.Option(help="Codec of the pictures. auto: h264 in .mp4 and .mkv, vp9 in .webm.")] = (
        _CONFIG.codec
    )


@dataclass(frozen=True, kw_only=True)
class Sound(Options):
    """What is played."""

    instrumental: Annotated[
        Path | None, typer.Option(help="Sound file without the voice. Default: the song is separated.")
    ] = None
    backing: Annotated[float, typer.Option(min=0, max=1, help="Share of the voice that is left in, from 0 to 1.")] = (
        _CONFIG.backing
    )
    separator: Annotated[str, typer.Option(help="Separator, from `lyricsrec models list`.")] = _CONFIG.separator


@dataclass(frozen=True, kw_only=True)
class Words(Options):
    """Where the times of the words come from."""

    model: Annotated[
        str | None, typer.Option(help="Model that aligns lyrics, or recognises the song without them.")
    ] = None
    language: Annotated[str | None, typer.Option(help="Language of the lyrics. Default: that of the file.")] = None
    chords: Annotated[
        bool,
        typer.Option("--chords", help="Find the chords as well, for ChordPro and PDF of --package (extra chords)."),
    ] = False


@dataclass(frozen=True, kw_only=True)
class Files(Options):
    """What is written where."""

    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write; its ending selects the kind: .mp4, .webm, .mkv, .cdg, .zip (MP3+G), .ass.",
        ),
    ] = None
    package: Annotated[
        Path | None,
        typer.Option(
            help="Folder, or .zip, for everything: UltraStar song, sound, stems, cover, video, LRC, ASS, ChordPro, PDF."
        ),
    ] = None


def karaoke(
    song: options.Song,
    lyrics: Annotated[
        str | None,
        typer.Argument(
            metavar="LYRICS",
            help="Lyrics or transcript (JSON, LRC, UltraStar, txt ...), or - for standard input. Default: those in the "
            "tags of the song; else it is transcribed.",
            show_default=False,
        ),
    ] = None,
    *,
    files: Files,
    look: Look,
    sound: Sound,
    words: Words,
    track: options.Track = None,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Make a karaoke file of a song: the music without the voice, and the words as they are sung."""
    from lyricsrec.audio.inputs import STDIN, find_songs
    from lyricsrec.karaoke.words import timed_transcript

    config = KaraokeConfig(**vars(look), **vars(sound))
    _check(files, config)
    if words.chords:
        _check_chords(files)
    if song == lyrics == STDIN:
        raise UsageError("SONG and LYRICS cannot both be standard input", "Give one of them as a file.")
    if song == STDIN or Path(song).is_dir():
        raise UsageError(f"{song} is not a file", "karaoke takes a single song as a file.")
    (source,) = find_songs([song], track=track)
    models = PipelineConfig(model=words.model, language=words.language, **vars(compute))
    models.check()
    stems = StemConfig(sound.separator, **vars(compute))
    stems.check()
    with verbosity.screen() as screen:
        transcript = timed_transcript(source, lyrics, models, progress=screen)
        if words.chords:
            transcript = _with_chords(source, transcript, screen)
        _write(source, transcript, files, config, stems=stems, screen=screen)


def _check(files: Files, config: KaraokeConfig) -> None:
    """Raise UsageError and OutputError, before any work, for what cannot be made."""
    from lyricsrec.karaoke.make import check_output
    from lyricsrec.karaoke.package.make import check_package

    if files.output is None and files.package is None:
        raise UsageError("nothing to write", "Give --output FILE, or --package FOLDER.")
    if files.output is not None:
        check_output(files.output, config)
    if files.package is not None:
        check_package(files.package, config)


def _check_chords(files: Files) -> None:
    """Raise UsageError where chords are of no use, and ModelError where nothing can find them."""
    from lyricsrec.music.harmony.chords.weights import find_weights

    if files.package is None:
        raise UsageError("--chords are for the files of --package", "Give --package, or leave out --chords.")
    find_weights()


def _with_chords(source: SongInput, transcript: Transcript, screen: Screen) -> Transcript:
    from lyricsrec.pipeline.music.chords import find_chords

    with source.open() as song:
        return find_chords(song, transcript, progress=screen)


def _write(
    source: SongInput, transcript: Transcript, files: Files, config: KaraokeConfig, *, stems: StemConfig, screen: Screen
) -> None:
    from lyricsrec.karaoke.make import make_karaoke, make_karaoke_package

    if files.output is not None:
        make_karaoke(source, transcript, files.output, config=config, stems=stems, progress=screen)
        screen.note(f"wrote {files.output}")
    if files.package is not None:
        names = make_karaoke_package(source, transcript, files.package, config=config, stems=stems, progress=screen)
        screen.note(f"wrote {files.package}: {', '.join(names)}")
