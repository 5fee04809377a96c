"""What the commands of this folder take: a file of lyrics, or a song, which is then transcribed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from lyricsrec.base.errors import UsageError
from lyricsrec.cli import options
from lyricsrec.cli.command import Options
from lyricsrec.cli.screen import Screen, print_result
from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.registry import TEXT_SUFFIXES, format_of_file, get_format
from lyricsrec.lyrics.languages import language_code
from lyricsrec.lyrics.transcript import Provenance, Transcript
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.version import VERSION

Given = Annotated[
    str,
    typer.Argument(
        metavar="FILE|SONG",
        help="Lyrics (json, lrc, txt, ...; - for standard input), or an audio or video file, which is transcribed.",
        show_default=False,
    ),
]

_LYRICS = frozenset((*TEXT_SUFFIXES, ".gz"))


@dataclass(frozen=True, kw_only=True)
class Transcription(Options):
    """How a song is transcribed; lyrics need none of it."""

    preset: Annotated[str | None, typer.Option(help="Preset that transcribes a song. Default: as in transcribe.")] = (
        None
    )
    language: Annotated[str | None, typer.Option(help="Language of the lyrics (en, de). Default: found.")] = None


@dataclass(frozen=True, kw_only=True)
class Results(Options):
    """Where the result goes, and as what."""

    format_: Annotated[
        str | None,
        typer.Option("--format", "-f", help="Output format: that of transcripts, such as txt, lrc, chordpro, json."),
    ] = None
    output: options.OutputFile = None


def transcript_of(
    given: str, transcription: Transcription, compute: options.Compute, track: str | None, screen: Screen
) -> Transcript:
    """The transcript of a file of lyrics or of a song, with its sections. Raises LyricsrecError."""
    if given == "-" or Path(given).suffix.lower() in _LYRICS:
        from lyricsrec.formats.read import read_lyrics

        return transcript_of_lyrics(read_lyrics(Path(given)), language=transcription.language)
    from lyricsrec.audio.inputs import find_songs
    from lyricsrec.pipeline.load import load_pipeline

    config = PipelineConfig(
        preset=transcription.preset,
        language=transcription.language,
        device=compute.device,
        dtype=compute.dtype,
        offline=compute.offline,
        search_aside=True,
    )
    config.check()
    songs = find_songs([given], track=track)
    if len(songs) > 1 or Path(given).is_dir():
        raise UsageError(f"{given} is a folder", "Give a single song, or a file of lyrics.")
    with songs[0].open() as opened:
        return load_pipeline(config, progress=screen).transcribe(opened, progress=screen)


def transcript_of_lyrics(lyrics: Lyrics, *, language: str | None = None) -> Transcript:
    """The transcript in a JSON file, or one of the lines of other lyrics; with the sections of a sheet's blank rows."""
    from lyricsrec.formats.json.transcript import read_transcript
    from lyricsrec.formats.sheet.sheet import read_sheet
    from lyricsrec.music.form.sections import find_sections, with_sections

    if lyrics.format.name == "json":
        transcript = read_transcript(lyrics.data.decode(lyrics.encoding).lstrip("\ufeff"))
        return transcript if transcript.sections else with_sections(transcript)
    code = language or language_code(lyrics.language)
    provenance = Provenance(VERSION, "none", "none", decoder="given lyrics", language=code)
    name = Path(lyrics.name).stem if lyrics.path is not None else lyrics.name
    end_s = max((line.end_s for line in lyrics.lines if line.end_s is not None), default=0.0)
    transcript = Transcript(name, end_s, lyrics.lines, provenance=provenance)
    if lyrics.format.name != "txt":
        return with_sections(transcript)
    parts = read_sheet(lyrics.data.decode(lyrics.encoding)).sections
    starts = [sum(len(part) for part in parts[:number]) for number in range(len(parts))]
    begins = starts if len(parts) > 1 else None
    return replace(transcript, sections=find_sections(transcript.lines, begins=begins))


def write_result(results: Results, shown: str, transcript: Transcript, screen: Screen) -> None:
    """Write a transcript with headings in the format asked for; without one, what is `shown`."""
    from lyricsrec.base.output import write_text

    form = get_format(results.format_) if results.format_ is not None else None
    if form is None and results.output is not None:
        form = format_of_file(results.output.name)
    text = shown if form is None else form.with_sections.render(transcript)
    if results.output is None:
        print_result(text)
    else:
        write_text(results.output, text)
        screen.note(f"wrote {results.output}")
