"""`lyricsrec chords`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lyricsrec.base.output import check_writable, write_text
from lyricsrec.base.settings import checked
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.one_song import find_one
from lyricsrec.cli.screen import Screen, print_result
from lyricsrec.formats.base import Format
from lyricsrec.formats.chords.registry import CHORD_FORMATS, chord_format, chord_format_of_file
from lyricsrec.lyrics.music.harmony import Key
from lyricsrec.music.harmony.chords.settings import ChordConfig, VocabularyName

if TYPE_CHECKING:
    from lyricsrec.audio.inputs import SongInput
    from lyricsrec.lyrics.transcript import Transcript

EXAMPLES = """
**Examples**

`lyricsrec chords song.mp3` prints the chords with their times.

`lyricsrec chords song.mp3 lyrics.txt` aligns the lyrics, and prints them with the chords above the lines.

`lyricsrec transcribe song.mp3 -f json | lyricsrec chords song.mp3 - -o song.cho` writes ChordPro of a song without \
lyrics.

`lyricsrec chords song.mp3 song.json --transpose -2 --capo 3 --vocabulary majmin -o song.cho` for the campfire.

`lyricsrec chords song.mp3 -o song.lab --snap-to-beats` writes labels for mir_eval or Sonic Visualiser.
"""

_WITH_LYRICS, _WITHOUT = "text", "lab"
_CHORDS = ChordConfig()


@dataclass(frozen=True, kw_only=True)
class Files(Options):
    """What is written where."""

    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help=f"Output format: {', '.join(CHORD_FORMATS)}. Default: by the extension of --output; "
            f"else {_WITH_LYRICS} with lyrics, {_WITHOUT} without.",
        ),
    ] = None
    output: options.OutputFile = None


@dataclass(frozen=True, kw_only=True)
class Chords(Options):
    """Which chords are found, and how they are written."""

    vocabulary: Annotated[
        VocabularyName,
        typer.Option(
            help="majmin: major and minor; sevenths: with 7, maj7 and m7; full: with suspended, diminished, ninths, "
            "basses ..."
        ),
    ] = _CHORDS.vocabulary
    snap_to_beats: Annotated[bool, typer.Option("--snap-to-beats", help="Change chords on beats only.")] = False
    beat_model: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Checkpoint of Beat This! that finds the beats. Default: built in."),
    ] = _CHORDS.beat_model
    transpose: Annotated[int, typer.Option(help="Semitones by which all chords are moved, from -11 to 11.")] = (
        _CHORDS.transpose
    )
    capo: Annotated[
        int, typer.Option(help="Fret of a capo: text and ChordPro have the chords to finger. From 0 to 11.")
    ] = _CHORDS.capo


@dataclass(frozen=True, kw_only=True)
class Models(Options):
    """Which models align lyrics without times of words."""

    model: Annotated[str | None, typer.Option(help="CTC model that aligns LYRICS. Default: as in align.")] = None
    language: Annotated[
        str | None, typer.Option(help="Language of the lyrics (en, de). Default: that of the file, else en.")
    ] = None


def chords(
    song: options.Song,
    lyrics: Annotated[
        str | None,
        typer.Argument(
            metavar="LYRICS",
            help="Lyrics to write chords over: with times of words these are used, others are aligned; or - for "
            "standard input.",
            show_default=False,
        ),
    ] = None,
    *,
    files: Files,
    wanted: Chords,
    models: Models,
    track: options.Track = None,
    compute: options.Compute,
    verbosity: options.Verbosity,
) -> None:
    """Find the chords, key and tempo of a song, and write them over its lyrics."""
    from lyricsrec.pipeline.music.chords import find_chords

    values = {"snaps_to_beats" if name == "snap_to_beats" else name: value for name, value in vars(wanted).items()}
    config = checked(ChordConfig, values, flags={"transpose": "--transpose", "capo": "--capo"})
    form = _format(files, has_lyrics=lyrics is not None)
    source = find_one(song, lyrics, track, "chords")
    with verbosity.screen() as screen:
        transcript = _with_words(source, lyrics, models, compute, screen=screen) if lyrics is not None else None
        with source.open() as opened:
            found = find_chords(opened, transcript, config, progress=screen)
        screen.note(_summary(found))
        _write(found, form, files.output, screen)


def _format(files: Files, *, has_lyrics: bool) -> Format:
    """The format to write, and that its folder can be written."""
    if files.output is not None:
        check_writable(files.output.parent)
    if files.format_ is not None:
        return chord_format(files.format_)
    default = chord_format(_WITH_LYRICS if has_lyrics else _WITHOUT)
    return chord_format_of_file(files.output.name) or default if files.output is not None else default


def _write(found: Transcript, form: Format, output: Path | None, screen: Screen) -> None:
    if output is None:
        print_result(form.render(found))
    else:
        write_text(output, form.render(found))
        screen.note(f"wrote {output}")


def _with_words(
    source: SongInput, lyrics: str, models: Models, compute: options.Compute, *, screen: Screen
) -> Transcript:
    """The transcript of a file of lyrics, whose words have times or are aligned."""
    from lyricsrec.alignment.settings import AlignConfig
    from lyricsrec.cli.music.given import transcript_of_lyrics
    from lyricsrec.formats.read import read_lyrics
    from lyricsrec.lyrics.languages import language_name
    from lyricsrec.models.catalogue import align_model
    from lyricsrec.pipeline.load import load_pipeline
    from lyricsrec.pipeline.settings import PipelineConfig

    given = read_lyrics(Path(lyrics))
    transcript = transcript_of_lyrics(given, language=models.language)
    if all(word.start_s is not None for word in transcript.words) and given.format.times in ("words", "starts"):
        with source.open() as opened:
            return replace(transcript, song=opened.title, tags=opened.tags)
    config = PipelineConfig(
        model=models.model or align_model(),
        language=models.language,
        device=compute.device,
        dtype=compute.dtype,
        offline=compute.offline,
        aligns=True,
    )
    config.check()
    language = language_name(config.language) or given.language or AlignConfig.language
    with source.open() as opened:
        pipeline = load_pipeline(config, progress=screen)
        aligned = pipeline.align(opened, given.lines, AlignConfig(language=language), progress=screen)
    return replace(aligned, notes=(*given.notes, *aligned.notes))


def _summary(found: Transcript) -> str:
    """Key and tempo, with a word on a tuning that is off."""
    parts = []
    if isinstance(found.key, Key):
        off = found.key.tuning_cents
        parts.append(f"key {found.key.name}" + (f" (tuned {off:+.0f} cents)" if abs(off) >= 10 else ""))
    if found.beats is not None:
        parts.append(f"{found.beats.bpm:.0f} beats a minute")
    return f"{found.song}: {', '.join(parts)}"
