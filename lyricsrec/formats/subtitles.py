"""Lyrics from SubRip and WebVTT subtitles."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import TYPE_CHECKING, Literal

from lyricsrec.base.errors import DataError
from lyricsrec.formats.sheet import split_repeats, sung_part, timed_words
from lyricsrec.lyrics.transcript import Line, Word

if TYPE_CHECKING:
    from webvtt import WebVTT
    from webvtt.models import Caption

SubtitleForm = Literal["srt", "vtt"]

_WORD_TIME = re.compile(r"<((?:\d+:)?\d{1,2}:\d{1,2}\.\d{1,3})>")
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|\{\\[^}]*\}")


def parse_subtitles(text: str, form: SubtitleForm, name: str) -> tuple[Line, ...]:
    """One line for each row of a cue that is sung.

    A cue's start is that of its first row, its end that of its last; WebVTT's times within a cue are those of words.
    Raises DataError when it is no such file.
    """
    captions = _read(text, form, name).captions
    return tuple(Line(words) for caption in captions for words in _rows(caption.raw_text, *_times(caption)))


def retime_subtitles(text: str, form: SubtitleForm, name: str, moved: Callable[[float, int | None], float]) -> str:
    """The same subtitles with every time t of a cue, and within it, at `moved(t, i)`, i the cue's first line."""
    from webvtt.models import Timestamp

    subtitles = _read(text, form, name)
    number = 0
    for caption in subtitles.captions:
        start_s, end_s = _times(caption)
        num_lines = sum(1 for _ in _rows(caption.raw_text, start_s, end_s))
        line = number if num_lines else None

        def stamp(seconds: float, line: int | None = line) -> str:
            return str(Timestamp.from_seconds(max(moved(seconds, line), 0.0)))

        def word_stamp(match: re.Match[str], stamp: Callable[[float], str] = stamp) -> str:
            return f"<{stamp(_seconds(match.group(1)))}>"

        caption.text = _WORD_TIME.sub(word_stamp, caption.raw_text)
        caption.start, caption.end = stamp(start_s), stamp(end_s)
        number += num_lines
    written = io.StringIO()
    subtitles.write(written, format=form, keep_formatting=True)
    return written.getvalue().rstrip("\n") + "\n"


def _read(text: str, form: SubtitleForm, name: str) -> WebVTT:
    from webvtt import WebVTT
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    kind = {"srt": "SubRip", "vtt": "WebVTT"}[form]
    try:
        subtitles = WebVTT.from_buffer(io.StringIO(text), format=form)
    except (MalformedFileError, MalformedCaptionError) as error:
        raise DataError(f"{name}: not a {kind} file ({error})") from None
    if any(max(caption.start_time.hours, caption.end_time.hours) > 99 for caption in subtitles.captions):
        raise DataError(f"{name}: a time in it is later than any song lasts")
    return subtitles


def _times(caption: Caption) -> tuple[float, float]:
    return caption.start_time.in_milliseconds() / 1000, caption.end_time.in_milliseconds() / 1000


def _rows(text: str, start_s: float, end_s: float) -> Iterator[tuple[Word, ...]]:
    """The words of each row of a cue that is sung."""
    rows = [_MARKUP.sub("", row) for row in text.splitlines()]
    rows = [row for row in rows if sung_part(unescape(_WORD_TIME.sub(" ", row)))]
    for number, row in enumerate(rows):
        pieces = _WORD_TIME.split(row)
        seconds = [start_s if number == 0 else None, *map(_seconds, pieces[1::2])]
        last_s = end_s if number == len(rows) - 1 else None
        texts = [unescape(piece) for piece in pieces[::2]]
        if len(texts) == 1:
            once, repeats = split_repeats(texts[0])
            texts = [" ".join([sung_part(once)] * repeats)]
        yield timed_words(texts, [*seconds, last_s])


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
