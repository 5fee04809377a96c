"""Label files: a start, an end and a text in each row (`.lab`, label tracks of Audacity).

Columns are separated by tabs or spaces, decimals by points or commas; ends may be missing. `sp`, `sil` and rows without
a letter or digit are silence, as in HTK.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Label, Parsed, Source
from lyricsrec.lyrics.retiming import timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_TIME = r"-?\d+(?:[.,]\d*)?(?:[eE][-+]?\d+)?"
_ROW = re.compile(rf"({_TIME})(?:\s+(.*))?", re.DOTALL)
_TABBED = re.compile(rf"{_TIME}\t{_TIME}(?:\t.*)?")
_MAX_S = 24 * 3600.0
_HINT = "Each row needs a start, an end and a text; times are in seconds."


def parse_labels(text: str, name: str) -> tuple[Label, ...]:
    """The rows of a label file, without blank rows and comments (`#`).

    If the second column of every row is a number, it is the end. Raises DataError for an invalid time, with the number
    of its row.
    """
    rows: list[tuple[int, re.Match[str]]] = []
    for number, row in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if row.strip() and not row.lstrip().startswith("#"):
            if not (match := _ROW.fullmatch(row.strip())):
                raise DataError(f"{name}: invalid time '{row.split()[0][:24]}' in row {number}", _HINT)
            rows.append((number, match))
    ends = [_ROW.fullmatch(match.group(2) or "") for _, match in rows]
    if not all(ends):
        return tuple(
            Label(_seconds(match, name, number), None, (match.group(2) or "").strip()) for number, match in rows
        )
    return tuple(
        Label(_seconds(match, name, number), _seconds(end, name, number), (end.group(2) or "").strip())
        for (number, match), end in zip(rows, ends, strict=True)
        if end
    )


def is_label_text(text: str) -> bool:
    """Whether every row begins with two times and tabs, which is unique to labels."""
    rows = [row for row in text.lstrip("\ufeff").splitlines() if row.strip()]
    return bool(rows) and all(_TABBED.fullmatch(row) for row in rows)


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


def _seconds(match: re.Match[str], name: str, number: int) -> float:
    seconds = float(match.group(1).replace(",", "."))
    if not 0 <= seconds <= _MAX_S:
        raise DataError(f"{name}: invalid time {match.group(1)} s in row {number}", _HINT)
    return seconds


def _sniff(source: Source) -> bool:
    return is_label_text(source.text)


def _parse(source: Source) -> Parsed:
    labels = tuple(sorted(parse_labels(source.text, source.name), key=lambda label: label.start_s))
    return Parsed(lines_of_labels(labels), labels=labels)


def _write(transcript: Transcript) -> str:
    return "".join(
        f"{word.start_s:.6f}\t{word.end_s:.6f}\t{word.text}\n"
        for line in timed_lines(transcript)
        for word in line.words
    )


LAB = Format("lab", (".lab",), "labels with a start and an end in each row", sniff=_sniff, parse=_parse)
AUDACITY = Format("audacity", (".labels.txt",), "Audacity label track of words", write=_write)
