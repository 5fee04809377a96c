"""`lyricsrec melody`: the pitch of the voice, and the notes of the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.base.output import check_writable
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.one_song import find_one
from lyricsrec.cli.screen import Screen
from lyricsrec.formats.karaoke.ultrastar_writer import UltraStarConfig
from lyricsrec.models.catalogue import LISTENING_SEPARATOR, align_model
from lyricsrec.music.melody.registry import MELODY_FORMATS, MelodyFormat, get_melody_format, melody_format_of_file
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.separation.registry import family_of

if TYPE_CHECKING:
    from lyricsrec.audio.inputs import SongInput
    from lyricsrec.audio.media import Song
    from lyricsrec.formats.base import Lyrics
    from lyricsrec.lyrics.transcript import Transcript

EXAMPLES = """
**Examples**

`lyricsrec melody song.mp3 -o karaoke/` transcribes the song, finds its notes and writes all kinds of files.

`lyricsrec melody song.mp3 lyrics.txt -o song.ultrastar.txt` aligns the lyrics first, and writes an UltraStar song.

`lyricsrec melody song.mp3 song.lrc -f ultrastar --video song.mp4` keeps the times of words that a file has.

`lyricsrec melody song.mp3 song.json -f json | jq .melody.notes` works in a pipeline.
"""

_DEFAULT = "ultrastar"


@dataclass(frozen=True, kw_only=True)
class Files(Options):
    """What is written where."""

    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            help=f"Output format; may be repeated: {', '.join(MELODY_FORMATS)}. Default: all into a folder; "
            f"else by the extension of --output; else {_DEFAULT}.",
        ),
    ] = None
    output: options.Output = None
    video: Annotated[str | None, typer.Option(help="Name of the video, for UltraStar (#VIDEO).")] = None
    bpm: Annotated[
        float | None,
        typer.Option(help="Tempo of the song, for UltraStar, MIDI and scores. Default: as found."),
    ] = None
    golden: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of the sung time, 0 to 1, that golden notes of UltraStar may take: the longest syllables, one "
            "in a line.",
        ),
    ] = UltraStarConfig.golden


@dataclass(frozen=True, kw_only=True)
class Models(Options):
    """Which models find the words."""

    model: Annotated[
        str | None,
        typer.Option(help="Recogniser, or CTC model for LYRICS without times. Default: as in transcribe and align."),
    ] = None
    separator: Annotated[
        str, typer.Option(help="Separator of the vocals whose pitch is tracked, from `lyricsrec models list`.")
    ] = LISTENING_SEPARATOR
    language: Annotated[str | None, typer.Option(help="Language of the lyrics (en, de), also for their syllables.")] = (
        None
    )


def melody(
    song: options.Song,
    lyrics: Annotated[
        str | None,
        typer.Argument(
            metavar="LYRICS",
            help="Lyrics: with times of words these are used, without they are aligned; or - for standard input. "
            "Default: the song is transcribed.",
            show_default=False,
        ),
    ] = None,
    *,
    files: Files,
    models: Models,
    track: options.Track = None,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Find the melody of a song: the pitch of the voice, and a note for every syllable."""
    from lyricsrec.base.settings import checked
    from lyricsrec.music.melody.tracker import check_installed

    check_installed()
    formats, paths = _plan(files, song)
    family_of(models.separator)
    config = PipelineConfig(
        model=models.model or (align_model() if lyrics is not None else None),
        language=models.language,
        device=compute.device,
        dtype=compute.dtype,
        offline=compute.offline,
        aligns=lyrics is not None,
    )
    config.check()
    settings = {"audio": None if song == "-" else Path(song).name, "video": files.video, "bpm": files.bpm}
    settings["golden"] = files.golden
    written = checked(UltraStarConfig, settings, flags={"bpm": "--bpm", "golden": "--golden"})
    with verbosity.screen() as screen:
        transcript = _found(find_one(song, lyrics, track, "melody"), lyrics, config, models.separator, screen=screen)
        _write(transcript, formats, paths, written, screen=screen)


def _plan(files: Files, song: str) -> tuple[Sequence[MelodyFormat], Sequence[Path]]:
    """The formats that are written, and the path of each; no paths for standard output."""
    output = files.output
    chosen = [get_melody_format(name) for name in dict.fromkeys(files.format_ or ())]
    if output is None:
        if len(chosen) > 1:
            raise UsageError("several formats cannot share standard output", "Give a folder with --output.")
        return chosen or [get_melody_format(_DEFAULT)], []
    by_name = None if output.is_dir() else melody_format_of_file(output.name)
    if by_name is None:
        chosen = chosen or list(MELODY_FORMATS.values())
        check_writable(output)
        name = "stdin" if song == "-" else Path(song).stem
        return chosen, [output / f"{name}{form.suffix}" for form in chosen]
    if len(chosen) > 1:
        raise UsageError(f"'{output}' is a single file, which takes one format", "Give a folder with --output.")
    check_writable(output.parent)
    return chosen or [by_name], [output]


def _found(
    source: SongInput, lyrics: str | None, config: PipelineConfig, separator: str, *, screen: Screen
) -> Transcript:
    """The transcript of a song, with its melody."""
    from lyricsrec.base.device import resolve_device
    from lyricsrec.formats.read import read_lyrics
    from lyricsrec.music.melody.melody import track_voice, with_melody
    from lyricsrec.recognition.acoustic import to_recognizer
    from lyricsrec.separation.registry import load_separator
    from lyricsrec.separation.settings import SeparateConfig

    given = read_lyrics(Path(lyrics)) if lyrics is not None else None
    with source.open() as song:
        compute = resolve_device(config.device, config.dtype)
        loaded = load_separator(separator, SeparateConfig(), compute, offline=config.offline, progress=screen)
        tracked = track_voice(song, loaded, to_recognizer, progress=screen)
        transcript = _transcript(song, given, config, separator, screen=screen)
    if not transcript.words:
        screen.warn(f"{song.name}: no words found; the notes have no syllables")
    return with_melody(transcript, tracked)


def _transcript(
    song: Song, given: Lyrics | None, config: PipelineConfig, separator: str, *, screen: Screen
) -> Transcript:
    """The words of a song with times: recognised, of a file that has times, or aligned."""
    from lyricsrec.alignment.settings import AlignConfig
    from lyricsrec.cli.music.given import transcript_of_lyrics
    from lyricsrec.lyrics.languages import language_code, language_name
    from lyricsrec.music.melody.words import has_word_times, transcript_of
    from lyricsrec.pipeline.load import load_pipeline

    if given is None:
        return load_pipeline(config, progress=screen).transcribe(song, progress=screen)
    if has_word_times(given.lines):
        language = config.language or given.language
        if given.format.name != "json":
            return transcript_of(song, given.lines, separator=separator, language=language)
        # Chords, key and what else a transcript has stay in it.
        whole = transcript_of_lyrics(given)
        found = transcript_of(song, whole.lines, separator=separator, language=language)
        provenance = replace(whole.provenance, language=found.provenance.language)
        return replace(whole, song=song.title, lines=found.lines, provenance=provenance, tags=song.tags)
    language = language_name(config.language) or given.language or AlignConfig.language
    pipeline = load_pipeline(config, progress=screen)
    aligned = pipeline.align(song, given.lines, AlignConfig(language=language), progress=screen)
    return replace(aligned, provenance=replace(aligned.provenance, language=language_code(language)))


def _write(
    transcript: Transcript,
    formats: Sequence[MelodyFormat],
    paths: Sequence[Path],
    config: UltraStarConfig,
    *,
    screen: Screen,
) -> None:
    import sys

    from lyricsrec.base.output import write_bytes

    for path, form in zip(paths, formats, strict=False):
        write_bytes(path, form.write(transcript, config))
        screen.note(f"wrote {path}")
    if not paths:
        sys.stdout.buffer.write(formats[0].write(transcript, config))
        sys.stdout.buffer.flush()
