"""What a format is, and what is read from and written to files of one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from lyricsrec.base.errors import DataError, NoLyricsError, UsageError
from lyricsrec.base.reading.json_text import load_json
from lyricsrec.formats.encoding.text_encoding import decode, encode_like
from lyricsrec.formats.silences import is_silent
from lyricsrec.lyrics.annotation import Annotation
from lyricsrec.lyrics.retiming import Retiming
from lyricsrec.lyrics.transcript import Line, Transcript, Word

MAX_S = 100 * 3600.0
"""Times of words beyond this are refused."""

GZIP_MARK = b"\x1f\x8b"

Times = Literal["none", "lines", "starts", "words"]
"""What has times in a format: nothing, lines, words but for their ends, or words."""


@dataclass(frozen=True)
class Label:
    """A row of a label file: the text between `start_s` and `end_s` (seconds; None where only starts are given)."""

    start_s: float
    end_s: float | None
    text: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the row; none where it marks silence, as `sp` and `sil` do."""
        return () if is_silent(self.text) else tuple(self.text.split())


@dataclass(frozen=True)
class Source:
    """A file of lyrics before it is parsed; `name` is shown in errors, `path` is None for standard input."""

    data: bytes
    name: str
    path: Path | None = None

    @property
    def suffix(self) -> str:
        """The ending of the name, in lower case."""
        return Path(self.name).suffix.lower()

    @cached_property
    def decoded(self) -> tuple[str, str]:
        """The text without its byte order mark, and its encoding.

        Raises DataError for data that is not text, NoLyricsError for an empty file.
        """
        if self.data.startswith(GZIP_MARK):
            raise DataError(f"{self.name}: packed data, not text", "Give a DALI entry as a file that ends in .gz.")
        text, encoding = decode(self.data)
        if not text.strip("\ufeff \t\r\n"):
            raise NoLyricsError(f"{self.name}: empty file", "Give a file with lyrics in it.")
        if "\0" in text:
            raise DataError(f"{self.name}: not a text file", "Give the song first, then its lyrics as a text file.")
        return text.lstrip("\ufeff"), encoding

    @property
    def text(self) -> str:
        """The text of the file. Raises DataError."""
        return self.decoded[0]

    @property
    def encoding(self) -> str:
        """The encoding of the text. Raises DataError."""
        return self.decoded[1]

    @cached_property
    def document(self) -> Any:
        """The parsed JSON of the file: an object, a list, or None where it is neither."""
        if not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return load_json(self.text)
        except ValueError:
            return None


@dataclass(frozen=True)
class Problem:
    """What a reader did not use, or had to guess, and why; `row` is its number in the file, from 1, None for all."""

    message: str
    row: int | None = None

    def __str__(self) -> str:
        return self.message if self.row is None else f"row {self.row}: {self.message}"


@dataclass(frozen=True)
class Omitted:
    """What a reader left out of a sheet of lyrics: a whole row, or a part of it. `row` is its number, from 1."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Lyrics:
    """Lyrics from a file, and what is needed to write the file back.

    Times are those of the file: all None in plain text, of the first word of each line in most other formats.
    `data` is the file, `encoding` that of its text, `path` its place (None for standard input). `numbers` are the
    numbers in the file of each of `lines`: several where voices sing a line together, empty where all lines are in
    place. `language` is an English name in lower case, None if unknown. `labels` are the rows of a label file, silences
    included. `problems` are what the reader could not use; the commands show them as warnings. `omitted` is what plain
    lyrics contain that is not sung, headings and chords included.
    """

    lines: tuple[Line, ...]
    format: Format
    name: str
    _: KW_ONLY
    data: bytes
    encoding: str = "utf-8"
    language: str | None = None
    path: Path | None = None
    numbers: tuple[tuple[int, ...], ...] = ()
    labels: tuple[Label, ...] = ()
    problems: tuple[Problem, ...] = ()
    omitted: tuple[Omitted, ...] = ()

    @property
    def timed(self) -> bool:
        """Whether any line has a time."""
        return any(line.start_s is not None for line in self.lines)

    @property
    def notes(self) -> tuple[str, ...]:
        """The problems, with the name of the file."""
        return tuple(f"{self.name}: {problem}" for problem in self.problems)


@dataclass(frozen=True)
class Parsed:
    """What a format reads from a source; fields as in `Lyrics`. `encoding` is None for that of the source's text.

    Lines may be in any order, and lines of several voices may be there twice: `read` puts them in order.
    """

    lines: tuple[Line, ...]
    language: str | None = None
    encoding: str | None = None
    _: KW_ONLY
    numbers: tuple[int, ...] = ()
    labels: tuple[Label, ...] = ()
    problems: tuple[Problem, ...] = ()
    omitted: tuple[Omitted, ...] = ()


@dataclass(frozen=True)
class Rewritten:
    """A corrected file, and the lines that kept their times because the format has no room for the correction."""

    data: bytes
    unmoved: tuple[int, ...] = ()


@dataclass(frozen=True)
class Format:
    """A file format: its name in `--format`, how its files end, and what it can do.

    The first of `suffixes` is that of written files. `sniff` tells from its content whether a source has this format;
    `parse` reads one and raises DataError or ValueError; `write` makes the text of a file, `write_sections` one with
    headings for the sections of the song, None where it would be the same; `retime` corrects the times
    of a file and keeps all else, given the ending of the file to write. `times` is what has a time in the format.
    """

    name: str
    suffixes: tuple[str, ...]
    description: str
    _: KW_ONLY
    sniff: Callable[[Source], bool] | None = None
    parse: Callable[[Source], Parsed] | None = None
    write: Callable[[Transcript], str] | None = None
    write_sections: Callable[[Transcript], str] | None = None
    retime: Callable[[Lyrics, Retiming, str], Rewritten] | None = None
    media_type: str = "text/plain"
    times: Times = "words"

    @property
    def suffix(self) -> str:
        """How files that are written in this format end."""
        return self.suffixes[0]

    def has_suffix(self, suffix: str) -> bool:
        """Whether files of this format may end so, in any case."""
        return suffix.lower() in map(str.lower, self.suffixes)

    @property
    def with_sections(self) -> Format:
        """The same format, which writes headings for the sections of a song if it has room for them."""
        return self if self.write_sections is None else replace(self, write=self.write_sections)

    def render(self, transcript: Transcript) -> str:
        """The text of a file in this format.

        Raises UsageError for a format that is only read, DataError for times that are not finite or beyond 100 hours.
        """
        if self.write is None:
            raise UsageError(f"the format '{self.name}' is only read, not written", "Choose another --format.")
        _check_times(transcript)
        return self.write(transcript)


def _check_times(transcript: Transcript) -> None:
    """Raise DataError for a time that is not finite or beyond `MAX_S`: formats have no room for it."""
    for number, line in enumerate(transcript.lines, 1):
        for word in line.words:
            if not all(t is None or abs(t) <= MAX_S for t in (word.start_s, word.end_s)):
                raise DataError(f"{transcript.song}: the time of a word in line {number} is beyond 100 hours")
    if not math.isfinite(transcript.duration_s):
        raise DataError(f"{transcript.song}: its duration is not finite")


def retimed_text(
    edit: Callable[[str, str, Retiming], str],
) -> Callable[[Lyrics, Retiming, str], Rewritten]:
    """A `Format.retime` of a function that edits text, given the name of the file for errors; keeps the encoding."""

    def retime(lyrics: Lyrics, retiming: Retiming, _suffix: str) -> Rewritten:
        # Invalid bytes are kept as they are.
        text, _ = decode(lyrics.data, "surrogateescape")
        return Rewritten(encode_like(lyrics.data, edit(text, lyrics.name, retiming), lyrics.encoding))

    return retime


def parsed_annotation(annotation: Annotation, encoding: str) -> Parsed:
    """The lines of a song's annotation that have words."""
    lines = [
        replace(line, words=tuple(finite(word) for word in line.words if word.text.strip()))
        for line in annotation.lines
    ]
    numbers = tuple(number for number, line in enumerate(lines) if line.words)
    return Parsed(tuple(lines[number] for number in numbers), annotation.language, encoding, numbers=numbers)


def finite(word: Word) -> Word:
    """The text and times of a word; times that are not finite become None."""
    times = (t if t is not None and math.isfinite(t) else None for t in (word.start_s, word.end_s))
    return Word(word.text, *times)
