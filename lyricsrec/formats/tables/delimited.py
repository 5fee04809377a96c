"""CSV and TSV: a row for each word or line, with a header that names the columns.

lyricsrec writes a row for each word: its line, start and end in seconds, the word and its confidence. Read are all
tables with columns for starts and texts, such as Whisper's (`start`, `end`, `text`; milliseconds).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Parsed, Problem, Source
from lyricsrec.formats.sheet.row_text import sung_part
from lyricsrec.formats.tables.columns import Columns, is_time
from lyricsrec.formats.timed_text import shown_rows
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_HEADER = ("line", "start_s", "end_s", "word", "confidence")
_WHOLE = re.compile(r"\s*\d*\s*")
_HINT = "The first row names the columns: start, end and word or text; the manual names the units."
_MILLISECOND_S = 0.001


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The fields of each row that is not empty, and the number of the row's last line in the file."""
    # Whisper writes texts with quotes as they are into TSV.
    file = io.StringIO(text, newline="")
    if delimiter == "\t":
        reader = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(file, delimiter=delimiter)
    for row in reader:
        if any(field.strip() for field in row):
            yield reader.line_num, row


def _delimiter(text: str) -> str:
    """What separates the columns of the first row."""
    first = text.lstrip().partition("\n")[0]
    return max("\t,;", key=first.count)


def _header(text: str) -> Columns | None:
    try:
        _, header = next(_rows(text.lstrip(), _delimiter(text)), (0, []))
    except csv.Error:
        return None
    return Columns.of(header) if len(header) > 1 else None


def _sniff(source: Source) -> bool:
    """Whether the first row names columns, and one of the next has a time."""
    columns = _header(source.text)
    return columns is not None and any(_has_time(columns, row) for row in _first_rows(source.text))


def _first_rows(text: str) -> list[list[str]]:
    try:
        return [row for _, row in islice(_rows(text, _delimiter(text)), 1, 20)]
    except csv.Error:
        return []


def _has_time(columns: Columns, row: list[str]) -> bool:
    try:
        return columns.times(row)[0] is not None
    except ValueError:
        return False


def _parse(source: Source) -> Parsed:
    """Rows of words in the lines that they name; without such a column, each row is a line.

    Raises DataError for a table without a header, or with one that names no start and no text.
    """
    columns = _header(source.text)
    if columns is None:
        raise DataError(f"{source.name}: its first row names no columns of starts and texts", _HINT)
    try:
        rows = list(_rows(source.text, _delimiter(source.text)))[1:]
    except csv.Error as error:
        raise DataError(f"{source.name}: not a readable table ({error})", _HINT) from None
    columns = _with_unit(columns, [row for _, row in rows])
    problems: list[Problem] = []
    lines: dict[str, list[Word]] = {}
    for number, row in rows:
        try:
            words = _words(columns, row)
        except ValueError as error:
            problems.append(Problem(str(error), number))
            continue
        of_line = str(number) if columns.line is None else row[columns.line].strip()
        lines.setdefault(of_line, []).extend(words)
    return Parsed(tuple(Line(tuple(words)) for words in lines.values() if words), problems=tuple(problems))


def _with_unit(columns: Columns, rows: list[list[str]]) -> Columns:
    """Whisper's columns `start`, `end` and `text` are whole milliseconds; invalid times do not count."""
    if columns.unit_s is not None or columns.line is not None or columns.end is None:
        return columns
    times = [row[column] for row in rows for column in (columns.start, columns.end) if column < len(row)]
    whole = all(_WHOLE.fullmatch(time) for time in times if is_time(time))
    return replace(columns, unit_s=_MILLISECOND_S) if whole else columns


def _words(columns: Columns, row: list[str]) -> tuple[Word, ...]:
    """The words of a row. Raises ValueError for an invalid time."""
    if len(row) <= max(columns.text, columns.line or 0):
        raise ValueError("too few columns")
    start_s, end_s = columns.times(row)
    text = " ".join(row[columns.text].split())
    if columns.line is not None:
        return (Word(text, start_s, end_s),) if text else ()
    return tuple(word for words in shown_rows(text, start_s, end_s) for word in words) if sung_part(text) else ()


def _written(transcript: Transcript, delimiter: str) -> str:
    text = io.StringIO()
    if delimiter == "\t":
        text.writelines("\t".join(row) + "\n" for row in _table(transcript))
    else:
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(_table(transcript))
    return text.getvalue()


def _table(transcript: Transcript) -> Iterable[tuple[str, ...]]:
    yield _HEADER
    for number, line in enumerate(transcript.lines, 1):
        for word in line.words:
            numbers = [f"{n:.3f}" if n is not None else "" for n in (word.start_s, word.end_s, word.confidence)]
            yield (str(number), numbers[0], numbers[1], " ".join(word.text.split()), numbers[2])


CSV = Format(
    "csv",
    (".csv",),
    "table of words, separated by commas",
    sniff=_sniff,
    parse=_parse,
    write=lambda transcript: _written(transcript, ","),
    media_type="text/csv",
)
TSV = Format(
    "tsv",
    (".tsv",),
    "table of words, separated by tabs",
    sniff=lambda source: _delimiter(source.text) == "\t" and _sniff(source),
    parse=_parse,
    write=lambda transcript: _written(transcript, "\t"),
    media_type="text/tab-separated-values",
)
