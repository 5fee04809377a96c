"""SubRip and WebVTT subtitles; WebVTT also has the times of words within a cue."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from typing import TYPE_CHECKING, Literal

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Parsed, Source, retimed_text
from lyricsrec.formats.text import split_repeats, sung_part
from lyricsrec.formats.timed_text import timed_words
from lyricsrec.lyrics.retiming import Retiming, TimedLine, timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript, Word

if TYPE_CHECKING:
    from webvtt import WebVTT
    from webvtt.models import Caption

SubtitleFormat = Literal["srt", "vtt"]

_SRT_TIMES = re.compile(r"^\s*\d+:\d\d:\d\d[,.]\d{1,3}\s*-->", re.MULTILINE)
_WORD_TIME = re.compile(r"<((?:\d+:)?\d{1,2}:\d{1,2}\.\d{1,3})>")
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|\{\\[^}]*\}")


def parse_subtitles(text: str, form: SubtitleFormat, name: str) -> tuple[Line, ...]:
    """One line for each row of a cue that has lyrics.

    The first row gets the start of its cue, the last row the end. Raises DataError if the text does not have the
    format.
    """
    captions = _read(text, form, name).captions
    return tuple(Line(words) for caption in captions for words in _rows(caption.raw_text, *_times(caption)))


def retime_subtitles(text: str, form: SubtitleFormat, name: str, *, moved: Callable[[float, int | None], float]) -> str:
    """The same subtitles with every time t of a cue changed to `moved(t, i)`; i is the first line of the cue."""
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


def _read(text: str, form: SubtitleFormat, name: str) -> WebVTT:
    from webvtt import WebVTT
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    kind = {"srt": "SubRip", "vtt": "WebVTT"}[form]
    try:
        subtitles = WebVTT.from_buffer(io.StringIO(text), format=form)
    except (MalformedFileError, MalformedCaptionError) as error:
        raise DataError(f"{name}: not a {kind} file ({error})", "Fix the file, or give plain lyrics as .txt.") from None
    if any(max(caption.start_time.hours, caption.end_time.hours) > 99 for caption in subtitles.captions):
        raise DataError(f"{name}: a timestamp is later than 100 hours", "Timestamps are hours:minutes:seconds.")
    return subtitles


def _times(caption: Caption) -> tuple[float, float]:
    return caption.start_time.in_milliseconds() / 1000, caption.end_time.in_milliseconds() / 1000


def _rows(text: str, start_s: float, end_s: float) -> Iterator[tuple[Word, ...]]:
    """The words of each row of a cue that has lyrics."""
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


def _parser(form: SubtitleFormat) -> Callable[[Source], Parsed]:
    return lambda source: Parsed(parse_subtitles(source.text, form, source.name))


def _retimer(form: SubtitleFormat) -> Callable[[str, str, Retiming], str]:
    return lambda text, name, retiming: retime_subtitles(text, form, name, moved=retiming.at)


def _sniff_srt(source: Source) -> bool:
    return bool(_SRT_TIMES.search(source.text.lstrip()))


def _write_srt(transcript: Transcript) -> str:
    # webvtt-py takes what stands between < and > out of SubRip texts; pysubs2 keeps it.
    from pysubs2 import SSAEvent, SSAFile

    subtitles = SSAFile()
    for line in timed_lines(transcript):
        subtitles.append(SSAEvent(_milliseconds(line.start_s), _milliseconds(line.end_s), line.text))
    text = subtitles.to_string("srt", keep_ssa_tags=True)
    return text.rstrip("\n") + "\n" if text else ""


def _sniff_vtt(source: Source) -> bool:
    return source.text.lstrip().startswith("WEBVTT")


def _write_vtt(transcript: Transcript) -> str:
    from webvtt import Caption, WebVTT

    subtitles = WebVTT()
    for line in timed_lines(transcript):
        subtitles.captions.append(Caption(_timestamp(line.start_s), _timestamp(line.end_s), _vtt_text(line)))
    written = io.StringIO()
    subtitles.write(written)
    return written.getvalue()


def _vtt_text(line: TimedLine) -> str:
    first, *others = line.words
    # WebVTT requires the times inside a cue to increase, and to lie inside it.
    parts, last_s = [escape(first.text, quote=False)], line.start_s
    for word in others:
        text = escape(word.text, quote=False)
        if round(word.start_s, 3) > round(last_s, 3) and word.start_s < line.end_s:
            parts.append(f"<{_timestamp(word.start_s)}><c>{text}</c>")
            last_s = word.start_s
        else:
            parts.append(text)
    return " ".join(parts)


def _timestamp(seconds: float) -> str:
    return clock(max(seconds, 0.0), 3, hour_digits=2)


def _milliseconds(seconds: float) -> int:
    return round(max(seconds, 0.0) * 1000)


SRT = Format(
    "srt",
    (".srt",),
    "SubRip subtitles",
    sniff=_sniff_srt,
    parse=_parser("srt"),
    write=_write_srt,
    retime=retimed_text(_retimer("srt")),
    media_type="application/x-subrip",
)
VTT = Format(
    "vtt",
    (".vtt",),
    "WebVTT subtitles with word times",
    sniff=_sniff_vtt,
    parse=_parser("vtt"),
    write=_write_vtt,
    retime=retimed_text(_retimer("vtt")),
    media_type="text/vtt",
)
