"""Label files: rows of a start, an end and what is sung or said between them (`.lab`, Audacity's label tracks).

By tabs or spaces, with decimal points or commas; ends may be missing. `sp`, `sil` and rows without a letter or digit
are silence, as in HTK's files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Label, Parsed, Source
from lyricsrec.lyrics.retiming import timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_TIME = r"-?\d+(?:[.,]\d*)?(?:[eE][-+]?\d+)?"
_ROW = re.compile(rf"({_TIME})(?:\s+(.*))?", re.DOTALL)
_TABBED = re.compile(rf"{_TIME}\t{_TIME}(?:\t.*)?")
_LONGEST_S = 24 * 3600.0


def parse_labels(text: str, name: str) -> tuple[Label, ...]:
    """The rows of a label file, as they stand; blank ones and those that begin with `#` are left out.

    Where the second field of every row is a number, it is the row's end. Raises DataError for a time that is none,
    with the number of its row.
    """
    rows: list[tuple[str, re.Match[str]]] = []
    for number, row in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        where = f"{name}: line {number}"
        if row.strip() and not row.lstrip().startswith("#"):
            if not (match := _ROW.fullmatch(row.strip())):
                raise DataError(
                    f"{where}: '{row.split()[0][:24]}' is no time", "A row is: start, end, text; in seconds."
                )
            rows.append((where, match))
    ends = [_ROW.fullmatch(match.group(2) or "") for _, match in rows]
    if not all(ends):
        return tuple(Label(_seconds(match, where), None, (match.group(2) or "").strip()) for where, match in rows)
    return tuple(
        Label(_seconds(match, where), _seconds(end, where), (end.group(2) or "").strip())
        for (where, match), end in zip(rows, ends, strict=True)
        if end
    )


def is_label_text(text: str) -> bool:
    """Whether every row begins with two times and tabs, as nothing but labels does."""
    rows = [row for row in text.lstrip("\ufeff").splitlines() if row.strip()]
    return bool(rows) and all(_TABBED.fullmatch(row) for row in rows)


def stretches(labels: Iterable[Label]) -> tuple[Line, ...]:
    """A line for all words between two silences."""
    return tuple(
        Line(tuple(word for label in stretch for word in label_words(label)))
        for is_sung, stretch in groupby(labels, lambda label: bool(label.words))
        if is_sung
    )


def label_words(label: Label) -> tuple[Word, ...]:
    """The words of a row: the first has its start, the last its end."""
    texts = label.words
    last = len(texts) - 1
    return tuple(
        Word(text, None if i else label.start_s, label.end_s if i == last else None) for i, text in enumerate(texts)
    )


def _seconds(match: re.Match[str], where: str) -> float:
    seconds = float(match.group(1).replace(",", "."))
    if not 0 <= seconds <= _LONGEST_S:
        raise DataError(f"{where}: no song has a time of {match.group(1)} s", "Times are in seconds.")
    return seconds


def _sniff(source: Source) -> bool:
    return is_label_text(source.text)


def _parse(source: Source) -> Parsed:
    labels = parse_labels(source.text, source.name)
    return Parsed(stretches(labels), labels=labels)


def _write(transcript: Transcript) -> str:
    return "".join(
        f"{word.start_s:.6f}\t{word.end_s:.6f}\t{word.text}\n"
        for line in timed_lines(transcript)
        for word in line.words
    )


LAB = Format("lab", (".lab",), "labels with a start and an end in each row", sniff=_sniff, parse=_parse)
AUDACITY = Format("audacity", (".labels.txt",), "Audacity label track of words", write=_write)
