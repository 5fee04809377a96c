"""Reading timed lyrics for a plot, with times of words or of lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.formats.encoding.text_encoding import decode
from lyricsrec.formats.json.transcript import read_transcript
from lyricsrec.formats.read import read_lyrics
from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.lyrics.music.notes import Melody
from lyricsrec.lyrics.transcript import Line, Word


@dataclass(frozen=True)
class TimedLyrics:
    """Lines with times, and the chords and the melody that a transcript may have."""

    lines: tuple[Line, ...]
    chords: tuple[Chord, ...] = ()
    melody: Melody | None = None


def read_timed_lines(argument: str) -> tuple[Line, ...]:
    """The lines that `read_timed` reads. Raises DataError as it does."""
    return read_timed(argument).lines


def read_timed(argument: str) -> TimedLyrics:
    """A transcript with its confidences, chords and melody, or the lines of any other lyrics; `-` is stdin.

    A line in which only the first word has a start becomes a single word that lasts until the next line. Raises
    DataError when the file cannot be read, is not a lyrics file, or has no times.
    """
    lyrics = read_lyrics(Path(argument))
    if not lyrics.timed:
        raise DataError(f"{lyrics.name}: no word has a time", "Time the lyrics with `lyricsrec align`.")
    if lyrics.format.name == "json":
        transcript = read_transcript(decode(lyrics.data)[0].lstrip("\ufeff"))
        return TimedLyrics(transcript.lines, transcript.chords or (), transcript.melody)
    lines = list(_cues(lyrics.lines)) if lyrics.format.name in ("srt", "vtt") else lyrics.lines
    return TimedLyrics(tuple(_whole_lines(lines)))


def _cues(lines: Sequence[Line]) -> Iterator[Line]:
    """One line for each subtitle: a row without a start continues the row before."""
    words: list[Word] = []
    for line in lines:
        if line.start_s is not None and words:
            yield Line(tuple(words))
            words = []
        words += line.words
    yield Line(tuple(words))


def _whole_lines(lines: Sequence[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines):
        starts = [word.start_s for word in line.words]
        if len(starts) < 2 or starts[0] is None or any(start_s is not None for start_s in starts[1:]):
            yield line
            continue
        following = (later.start_s for later in lines[number + 1 :] if later.start_s is not None)
        end_s = line.end_s if line.end_s is not None else next(following, starts[0])
        yield Line((Word(line.text, starts[0], end_s),), line.placement)
