"""The words of a song with their times: from lyrics that have them, by alignment, or by recognition."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.embedding import embedded_lyrics
from lyricsrec.audio.inputs import SongInput
from lyricsrec.audio.media import Song
from lyricsrec.base.progress import SILENT, Progress
from lyricsrec.formats.base import Lyrics
from lyricsrec.formats.encoding.text_encoding import decode
from lyricsrec.formats.json.transcript import read_transcript
from lyricsrec.formats.read import parse_lyrics, read_lyrics
from lyricsrec.karaoke.layout.lines import has_word_times
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.retiming import with_line_ends
from lyricsrec.lyrics.transcript import Provenance, Transcript
from lyricsrec.models.catalogue import align_model
from lyricsrec.pipeline.settings import PipelineConfig
from lyricsrec.version import VERSION


def timed_transcript(
    source: SongInput, lyrics: str | None, config: PipelineConfig, *, progress: Progress = SILENT
) -> Transcript:
    """The lyrics of a song with a time for every word.

    `lyrics` is a file or `-`, None for those in the tags of the song; without any, the song is recognised. Lyrics
    without times of words are aligned. Raises DataError where lyrics cannot be read, AudioError and ModelError.
    """
    given = _given(source, lyrics)
    with source.open() as song:
        if given is None:
            progress.note(f"{source.name}: no lyrics given, so they are recognised")
            return _recognised(song, config, progress)
        if has_word_times(given.lines):
            return _transcript(song, given)
        progress.note(f"{given.name}: no times of words, so they are aligned")
        return _aligned(song, given, config, progress)


def _given(source: SongInput, lyrics: str | None) -> Lyrics | None:
    if lyrics is not None:
        return read_lyrics(Path(lyrics))
    found = embedded_lyrics(source.path) if source.path is not None and source.path.is_file() else None
    return None if found is None else parse_lyrics(found, f"the lyrics in the tags of {source.name}")


def _transcript(song: Song, given: Lyrics) -> Transcript:
    """The transcript in a file of lyricsrec, with its melody and tags; or one of the lines of other lyrics."""
    duration_s = song.duration_s
    if given.format.name == "json":
        read = read_transcript(decode(given.data)[0].lstrip("\ufeff"))
        tags = read.tags if read.tags.title else song.tags
        return replace(read, duration_s=duration_s, lines=with_line_ends(read.lines, duration_s), tags=tags)
    made = Provenance(VERSION, "none", "none", decoder="none", language=given.language)
    return Transcript(song.title, duration_s, with_line_ends(given.lines, duration_s), provenance=made, tags=song.tags)


def _aligned(song: Song, given: Lyrics, config: PipelineConfig, progress: Progress) -> Transcript:
    from lyricsrec.pipeline.load import load_pipeline

    wanted = replace(config, model=config.model or align_model(), aligns=True)
    language = language_name(config.language) or given.language or AlignConfig.language
    pipeline = load_pipeline(wanted, progress=progress)
    return pipeline.align(song, given.lines, AlignConfig(language=language), progress=progress)


def _recognised(song: Song, config: PipelineConfig, progress: Progress) -> Transcript:
    from lyricsrec.pipeline.load import load_pipeline

    return load_pipeline(config, progress=progress).transcribe(song, progress=progress)
