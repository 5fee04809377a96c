"""Transcripts into the tags of their songs."""

from __future__ import annotations

from pathlib import Path

from lyricsrec.audio.embedding import TagLyrics, embed
from lyricsrec.base.errors import DataError
from lyricsrec.formats.registry import get_format
from lyricsrec.lyrics.languages import language_code_of_3
from lyricsrec.lyrics.retiming import timed_lines
from lyricsrec.lyrics.transcript import Transcript


def embed_lyrics(path: str | Path, transcript: Transcript) -> None:
    """Write lyrics with the times of their lines into the tags of a song file, as players read them.

    ID3 tags (MP3, WAV, AIFF) get a SYLT and a USLT frame; Vorbis comments (FLAC, Ogg, Opus) the field LYRICS, MP4 files
    `©lyr`, both with LRC text. A copy replaces the file at once. Raises OutputError, and changes nothing then, if the
    file is of another kind or cannot be written, DataError for a transcript without times.
    """
    lyrics = tag_lyrics(transcript)
    if not lyrics.lines:
        raise DataError(f"{transcript.song}: no line has a time; nothing is written into its tags")
    embed(Path(path), lyrics)


def tag_lyrics(transcript: Transcript) -> TagLyrics:
    """The lyrics of a transcript as tags hold them."""
    lines = sorted((round(line.start_s * 1000), line.text) for line in timed_lines(transcript))
    lrc = get_format("lrc").render(transcript)
    code = language_code_of_3(transcript.provenance.language)
    return TagLyrics(transcript.text, lrc, tuple(lines), language=code or "XXX")
