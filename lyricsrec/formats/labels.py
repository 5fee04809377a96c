"""Label files: a start, an end and a text in each row (`.lab`, label tracks of Audacity).

Columns are separated by tabs or spaces, decimals by points or commas; ends may be missing. Times of HTK are whole
units of 100 ns. What marks silence is in `silences`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Label, Parsed, Source
from lyricsrec.formats.marked_words import marked
from lyricsrec.lyrics.retiming import timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_TIME = r"-?\d+(?:[.,]\d*)?(?:[eE][-+]?\d+)?"
_ROW = re.compile(rf"({_TIME})(?:\s+(.*))?", re.DOTALL)
_TABBED = re.compile(rf"{_TIME}\t{_TIME}(?:\t.*)?")
_MAX_S = 24 * 3600.0
_HTK_UNIT_S = 1e-7
_HINT = "Each row needs a start, an end and a text; times are in seconds."


def parse_labels(text: str, name: str) -> tuple[Label, ...]:
    """The rows of a label file, without blank rows, comments (`#`) and frequencies (`\\`).

    If the second column of every row is a number, it is the end; if it is one in most rows, and later than the start,
    the others are invalid. Raises DataError for an invalid time, with the number of its row.
    """
    rows: list[tuple[int, re.Match[str]]] = []
    for number, row in _rows(text):
        if not (match := _ROW.fullmatch(row.strip())):
            raise DataError(f"{name}: invalid time '{row.split()[0][:24]}' in row {number}", _HINT)
        rows.append((number, match))
    ends = [_ROW.fullmatch(match.group(2) or "") for _, match in rows]
    has_ends = all(ends)
    if not has_ends:
        _refuse_single_ends_missing(rows, ends, name)
    unit_s = _unit_s([match[1] for match in (*(match for _, match in rows), *ends) if match]) if has_ends else 1.0
    labels = []
    for (number, match), end in zip(rows, ends, strict=True):
        start_s = _seconds(match, unit_s, f"{name}: invalid time {match[1][:24]} s in row {number}")
        if has_ends and end:
            end_s = _seconds(end, unit_s, f"{name}: invalid time {end[1][:24]} s in row {number}")
            labels.append(Label(start_s, end_s, (end[2] or "").strip()))
        else:
            labels.append(Label(start_s, None, (match[2] or "").strip()))
    return tuple(labels)


def _refuse_single_ends_missing(
    rows: Sequence[tuple[int, re.Match[str]]], ends: Sequence[re.Match[str] | None], name: str
) -> None:
    """Raises DataError for the first row without an end if most rows have one, which is later than the start."""
    ordered = sum(_number(match) < _number(end) for (_, match), end in zip(rows, ends, strict=True) if end)
    if 2 * ordered > len(rows):
        number, match = next(row for row, end in zip(rows, ends, strict=True) if not end)
        shown = (match[2] or "").partition(" ")[0][:24]
        raise DataError(f"{name}: invalid end '{shown}' in row {number}", _HINT)


def _unit_s(times: Sequence[str]) -> float:
    """The unit of times in seconds: that of HTK if all are whole numbers and one would be later than a day."""
    whole = all(time.isdecimal() and len(time) < 16 for time in times)
    return _HTK_UNIT_S if times and whole and max(map(int, times)) > _MAX_S else 1.0


def is_label_text(text: str) -> bool:
    """Whether every row begins with two times and tabs, which is unique to labels."""
    rows = [row for _, row in _rows(text)]
    return bool(rows) and all(_TABBED.fullmatch(row) for row in rows)


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """The rows of labels and their numbers, without the frequencies that Audacity writes below, after a backslash."""
    for number, row in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if row.strip() and not row.lstrip().startswith(("#", "\\\t")):
            yield number, row


def lines_of_labels(labels: Sequence[Label]) -> tuple[Line, ...]:
    """The lines of labels: each row is one if most have several words, else silences end them."""
    counts = [len(label.words) for label in labels if label.words]
    if 2 * sum(count > 1 for count in counts) > len(counts):
        return tuple(Line(label_words(label)) for label in labels if label.words)
    return lines_between_silences(labels)


def lines_between_silences(labels: Iterable[Label]) -> tuple[Line, ...]:
    """A line for all words between two silences."""
    return tuple(
        Line(tuple(word for label in stretch for word in label_words(label)))
        for is_sung, stretch in groupby(labels, lambda label: bool(label.words))
        if is_sung
    )


def label_words(label: Label) -> tuple[Word, ...]:
    """The words of a row; the first has the start of the row, the last its end."""
    texts = label.words
    last = len(texts) - 1
    return tuple(
        Word(text, None if i else label.start_s, label.end_s if i == last else None) for i, text in enumerate(texts)
    )


def label_text(text: str) -> str:
    """A word as a label, with marks if it is the sign of silence."""
    has_letter = any(c.isalnum() for c in text)
    return marked(text) if has_letter and not Label(0.0, None, text).words else text


def _seconds(match: re.Match[str], unit_s: float, message: str) -> float:
    seconds = _number(match) * unit_s
    if not 0 <= seconds <= _MAX_S:
        raise DataError(message, _HINT)
    return seconds


def _number(match: re.Match[str]) -> float:
    return float(match[1].replace(",", "."))


def _sniff(source: Source) -> bool:
    return is_label_text(source.text)


def _parse(source: Source) -> Parsed:
    labels = tuple(sorted(parse_labels(source.text, source.name), key=lambda label: label.start_s))
    if all(label.end_s == label.start_s for label in labels):
        # Audacity's labels of points.
        labels = tuple(replace(label, end_s=None) for label in labels)
    return Parsed(lines_of_labels(labels), labels=labels)


def _write(transcript: Transcript) -> str:
    return "".join(
        f"{word.start_s:.6f}\t{word.end_s:.6f}\t{label_text(word.text)}\n"
        for line in timed_lines(transcript)
        for word in line.words
    )


LAB = Format("lab", (".lab",), "labels with a start and an end in each row", sniff=_sniff, parse=_parse)
AUDACITY = Format("audacity", (".labels.txt",), "Audacity label track of words", write=_write)
