"""SubRip and WebVTT subtitles; WebVTT also has the times of words within a cue."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Parsed, Problem, Source, retimed_text
from lyricsrec.formats.cues.highlight import Cue
from lyricsrec.formats.cues.rolling import fold
from lyricsrec.formats.cues.rows import WORD_TIME, rows_of
from lyricsrec.formats.cues.timing_rows import CueFormat, has_times, mend, seconds_of
from lyricsrec.formats.marked_words import readable
from lyricsrec.formats.timed_text import space_between
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.retiming import Retiming, TimedLine, timed_lines
from lyricsrec.lyrics.transcript import Transcript
from lyricsrec.lyrics.voices import singers_text

if TYPE_CHECKING:
    from webvtt import WebVTT

_HINT = "Cues have a row such as 00:01:02,345 --> 00:01:04,000; plain lyrics end in .txt."
_LANGUAGE = re.compile(r"Language:\s*([\w-]+)", re.IGNORECASE)


def parse_subtitles(text: str, form: CueFormat, name: str) -> Parsed:
    """One line for each row of a cue that has lyrics, once if it is in several cues of rolling captions.

    The first row gets the start of its cue, the last row the end. Raises DataError if the text does not have the
    format.
    """
    subtitles = _read(text, form, name)
    languages = map(_LANGUAGE.fullmatch, getattr(subtitles.webvtt, "metadata", None) or ())
    language = next((language_name(match.group(1)) for match in languages if match), None)
    return Parsed(fold(subtitles.cues).lines, language, problems=subtitles.problems)


def retime_subtitles(text: str, form: CueFormat, name: str, *, moved: Callable[[float, int | None], float]) -> str:
    """The same subtitles with every time t of a cue changed to `moved(t, i)`; i is the first line that it begins.

    A cue that begins no line belongs to the line that it goes on showing.
    """
    from webvtt.models import Timestamp

    subtitles = _read(text, form, name)
    for caption, cue, line in zip(
        subtitles.webvtt.captions, subtitles.cues, fold(subtitles.cues).line_of_cue, strict=True
    ):

        def stamp(seconds: float, line: int | None = line) -> str:
            return str(Timestamp.from_seconds(max(moved(seconds, line), 0.0)))

        def word_stamp(match: re.Match[str], stamp: Callable[[float], str] = stamp) -> str:
            return f"<{stamp(seconds_of(match.group(1)) or 0.0)}>"

        caption.text = WORD_TIME.sub(word_stamp, caption.raw_text)
        caption.start, caption.end = stamp(cue.start_s), stamp(cue.end_s)
    written = io.StringIO()
    subtitles.webvtt.write(written, format=subtitles.form, keep_formatting=True)
    return written.getvalue().rstrip("\n") + "\n"


@dataclass(frozen=True)
class _Subtitles:
    """Subtitles as webvtt-py reads them, and its captions as cues."""

    webvtt: WebVTT
    form: CueFormat
    problems: tuple[Problem, ...]

    @property
    def cues(self) -> list[Cue]:
        """The cues with their rows."""
        return [
            Cue(
                caption.start_time.in_milliseconds() / 1000,
                caption.end_time.in_milliseconds() / 1000,
                tuple(rows_of(caption.raw_text)),
            )
            for caption in self.webvtt.captions
        ]


def _read(text: str, form: CueFormat, name: str) -> _Subtitles:
    """Read subtitles in the form that their first row has, whatever the name of the file says."""
    from webvtt import WebVTT
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    found: CueFormat = "vtt" if text.lstrip("\ufeff \t\r\n").startswith("WEBVTT") else "srt"
    mended = mend(text, found)
    problems = mended.problems
    if (form, found) == ("vtt", "srt"):
        problems = (Problem("no WEBVTT in the first row; read as SubRip"), *problems)
    kind = {"srt": "SubRip", "vtt": "WebVTT"}[form]
    if found == "srt" and not has_times(text):
        raise DataError(f"{name}: not a {kind} file (no row with times)", _HINT)
    try:
        subtitles = WebVTT.from_buffer(io.StringIO(mended.text.lstrip() + "\n\n"), format=found)
    except (MalformedFileError, MalformedCaptionError) as error:
        raise DataError(f"{name}: not a {kind} file ({error})", _HINT) from None
    return _Subtitles(subtitles, found, problems)


def _parser(form: CueFormat) -> Callable[[Source], Parsed]:
    return lambda source: parse_subtitles(source.text, form, source.name)


def _retimer(form: CueFormat) -> Callable[[str, str, Retiming], str]:
    return lambda text, name, retiming: retime_subtitles(text, form, name, moved=retiming.at)


def _sniff_srt(source: Source) -> bool:
    return has_times(source.text)


def _write_srt(transcript: Transcript) -> str:
    # webvtt-py takes what stands between < and > out of SubRip texts; pysubs2 keeps it.
    from pysubs2 import SSAEvent, SSAFile

    subtitles = SSAFile()
    for line in timed_lines(transcript):
        texts = readable([word.text for word in line.words], " ".join, _words_of_srt)
        subtitles.append(SSAEvent(_milliseconds(line.start_s), _milliseconds(line.end_s), " ".join(texts)))
    text = subtitles.to_string("srt", keep_ssa_tags=True)
    return text.rstrip("\n") + "\n" if text else ""


def _sniff_vtt(source: Source) -> bool:
    return source.text.lstrip().startswith("WEBVTT")


def _write_vtt(transcript: Transcript) -> str:
    from webvtt import Caption, WebVTT

    subtitles = WebVTT()
    for line in timed_lines(transcript):
        words = readable([word.text for word in line.words], partial(_vtt_text, line), _words)
        subtitles.captions.append(Caption(_timestamp(line.start_s), _timestamp(line.end_s), _vtt_text(line, words)))
    written = io.StringIO()
    subtitles.write(written)
    return written.getvalue()


def _vtt_text(line: TimedLine, texts: Sequence[str]) -> str:
    """The text of a cue: the first `texts` at the times of the words of a line."""
    parts, last_s = list[str](), line.start_s
    for number, (word, text) in enumerate(zip(line.words, texts, strict=False)):
        space = space_between(texts[number - 1], text) if number else ""
        # WebVTT requires the times inside a cue to increase, and to lie inside it.
        if number and round(word.start_s, 3) > round(last_s, 3) and word.start_s < line.end_s:
            parts.append(f"{space}<{_timestamp(word.start_s)}><c>{escape(text, quote=False)}</c>")
            last_s = word.start_s
        else:
            parts.append(space + escape(text, quote=False))
    voice = f"<v {escape(singers_text(line.singers), quote=False)}>" if line.singers else ""
    return voice + "".join(parts)


def _words_of_srt(text: str) -> list[str]:
    # pysubs2 writes two of these as line breaks and spaces, and an arrow is not read as one.
    return _words(text.replace("\\n", "\n").replace("\\h", " ").replace("-->", "->"))


def _words(text: str) -> list[str]:
    return [word.text for row in rows_of(text) for word in row.words]


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
    times="lines",
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
    times="starts",
    media_type="text/vtt",
)
