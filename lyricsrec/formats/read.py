"""Lyrics that people have, in whatever form they have them, as lines with the times that are given."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from lyricsrec.audio.media import SUFFIXES as AUDIO_SUFFIXES
from lyricsrec.base.errors import DataError, NoLyricsError
from lyricsrec.base.output import display_name
from lyricsrec.base.text_encoding import decode
from lyricsrec.formats.annotation import Annotation
from lyricsrec.formats.dali.entry import DaliEntry, entry_of_json, read_entry
from lyricsrec.formats.labels import Label, is_label_text, parse_labels, stretches
from lyricsrec.formats.lrc import parse_lrc
from lyricsrec.formats.sheet import sheet_lines
from lyricsrec.formats.subtitles import parse_subtitles
from lyricsrec.formats.textgrid import is_textgrid, parse_textgrid
from lyricsrec.formats.ultrastar import parse_ultrastar
from lyricsrec.formats.whisper_json import is_of_segments, lines_of_segments
from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.transcript import Line, Transcript, Word

STDIN = "-"

Form = Literal["txt", "lrc", "srt", "vtt", "lab", "textgrid", "json", "whisper", "ultrastar", "dali"]

_BY_SUFFIX: dict[str, Form] = {
    ".lrc": "lrc",
    ".elrc": "lrc",
    ".srt": "srt",
    ".vtt": "vtt",
    ".lab": "lab",
    ".textgrid": "textgrid",
}
_LRC_ROW = re.compile(r"^\s*\[\d{1,4}:\d{1,2}([.:]\d{1,3})?\]", re.MULTILINE)
_SRT_TIMES = re.compile(r"^\s*\d+:\d\d:\d\d[,.]\d{1,3}\s*-->", re.MULTILINE)
_ULTRASTAR_TAG = re.compile(r"\s*#\s*[A-Za-z]+\s*:")
_SIGNS: dict[Form, Callable[[str], object]] = {
    "vtt": lambda text: text.startswith("WEBVTT"),
    "textgrid": is_textgrid,
    "lab": is_label_text,
    "srt": _SRT_TIMES.search,
    "lrc": _LRC_ROW.search,
}
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Lyrics:
    """Lyrics as they were given.

    Times are those of the file: all None in a plain text, of lines' first words in most others. `data` is the file,
    `encoding` that of its text, `path` its place (None for stdin) and `numbers` which of the file's lines each of these
    is, for writing it back. `language` is an English name in lower case, None where the file does not say. `labels`
    are the rows of a label file, with its silences.
    """

    lines: tuple[Line, ...]
    form: Form
    name: str
    _: KW_ONLY
    data: bytes
    encoding: str = "utf-8"
    language: str | None = None
    path: Path | None = None
    numbers: tuple[int, ...] = ()
    labels: tuple[Label, ...] = ()

    @property
    def timed(self) -> bool:
        """Whether any line has a time."""
        return any(line.start_s is not None for line in self.lines)


def read_lyrics(path: Path) -> Lyrics:
    """Read plain text, LRC, SRT, WebVTT, UltraStar, labels, TextGrid, DALI (`.gz`, `.json`), or a transcript in JSON:
    our own, or Whisper's.

    `-` is stdin. The ending tells the form; where it does not (`.txt`, stdin), the content does. Raises DataError when
    the file cannot be read or is not what its ending says, NoLyricsError when it holds no lyrics.
    """
    if str(path) == STDIN:
        return _parse(sys.stdin.buffer.read(), "stdin", "")
    name = display_name(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None
    if path.suffix.lower() == ".gz":
        lyrics = _of_entry(read_entry(path), name, data, "")
    else:
        lyrics = _parse(data, name, path.suffix.lower())
    return replace(lyrics, path=path)


def parse_lyrics(text: str, name: str) -> Lyrics:
    """Understand the text of a file called `name`; `read_lyrics` says how. Raises DataError."""
    # The mark keeps an #ENCODING tag in the text from having a say.
    return _parse(text.encode("utf-8-sig"), name, Path(name).suffix.lower())


def _parse(data: bytes, name: str, suffix: str) -> Lyrics:
    if data.startswith(_GZIP):
        raise DataError(f"{name}: packed data, not text", "A DALI entry must be given as a file that ends in .gz.")
    text, encoding = decode(data)
    if not text.strip("\ufeff \t\r\n"):
        raise NoLyricsError(f"{name}: empty")
    if "\0" in text:
        hint = "The song comes first, then its lyrics." if suffix in AUDIO_SUFFIXES else None
        raise DataError(f"{name}: not a text file", hint)
    form = _BY_SUFFIX.get(suffix) or _guess(text, data, suffix)
    if form == "json":
        return _of_json(text, name, data, encoding)
    if form == "ultrastar":
        song = parse_ultrastar(data)
        try:
            return _of_annotation(song.annotation(), "ultrastar", name, data, song.encoding)
        except DataError as error:
            raise DataError(f"{name}: {error}") from None
    labels = parse_labels(text, name) if form == "lab" else ()
    lines = stretches(labels) if form == "lab" else _lines(text, form, name)
    return _checked(Lyrics(lines, form, name, data=data, encoding=encoding, labels=labels))


def _lines(text: str, form: Form, name: str) -> tuple[Line, ...]:
    if form == "lrc":
        return parse_lrc(text, name)
    if form in ("srt", "vtt"):
        return parse_subtitles(text, form, name)
    return parse_textgrid(text, name) if form == "textgrid" else sheet_lines(text)


def _guess(text: str, data: bytes, suffix: str) -> Form:
    start = text.lstrip("\ufeff \t\r\n")
    if suffix == ".json" or start.startswith("{"):
        return "json"
    if _ULTRASTAR_TAG.match(start) and any(parse_ultrastar(data).voices):
        return "ultrastar"
    return next((form for form, fits in _SIGNS.items() if fits(start)), "txt")


def _of_json(text: str, name: str, data: bytes, encoding: str) -> Lyrics:
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: broken JSON ({error})") from None
    if isinstance(document, dict) and "annotations" in document:
        return _of_entry(entry_of_json(document, name), name, data, encoding)
    form: Form = "whisper" if is_of_segments(document) else "json"
    try:
        if form == "whisper":
            lines, language = lines_of_segments(document), document.get("language")
        else:
            transcript = Transcript.from_json(text.lstrip("\ufeff"))
            lines = tuple(Line(tuple(_given(word) for word in line.words)) for line in transcript.lines)
            language = transcript.provenance.language
    except ValueError as error:
        raise DataError(
            f"{name}: {error}", "Lyrics in JSON are what `transcribe -f json` or Whisper writes, or a DALI entry."
        ) from None
    known = language_name(language) if isinstance(language, str) else None
    return _checked(Lyrics(lines, form, name, data=data, encoding=encoding, language=known))


def _of_entry(entry: DaliEntry, name: str, data: bytes, encoding: str) -> Lyrics:
    try:
        annotation = entry.annotation()
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise DataError(f"{name}: not a usable DALI entry ({error})") from None
    return _of_annotation(annotation, "dali", name, data, encoding)


def _of_annotation(annotation: Annotation, form: Form, name: str, data: bytes, encoding: str) -> Lyrics:
    lines = [Line(tuple(_finite(word) for word in line.words if word.text.strip())) for line in annotation.lines]
    numbers = tuple(number for number, line in enumerate(lines) if line.words)
    kept = tuple(lines[number] for number in numbers)
    return _checked(
        Lyrics(kept, form, name, data=data, encoding=encoding, language=annotation.language, numbers=numbers)
    )


def _finite(word: Word) -> Word:
    times = (t if t is not None and math.isfinite(t) else None for t in (word.start_s, word.end_s))
    return Word(word.text, *times)


def _given(word: Word) -> Word:
    """A word with its text and times only. Raises ValueError when they are none."""
    if not isinstance(word.text, str):
        raise ValueError("a word whose text is none")
    if not all(t is None or isinstance(t, (int, float)) for t in (word.start_s, word.end_s)):
        raise ValueError(f"'{word.text}' has a time that is no number")
    return _finite(word)


def _checked(lyrics: Lyrics) -> Lyrics:
    if not any(c.isalnum() for line in lyrics.lines for c in line.text):
        raise NoLyricsError(f"{lyrics.name}: no lyrics in it", f"Known forms: {', '.join(get_args(Form))}.")
    return lyrics
