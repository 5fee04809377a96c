"""LRC: lyrics with a time for each line, and in its enhanced form for each word.

`[mm:ss.xx]` before a line is its start; a line with several of them is sung several times. `<mm:ss.xx>` within a line
(`[mm:ss.xx]` in some programs) is the start of the next word. An empty row clears the display. A positive
`[offset:ms]` makes the lyrics appear earlier. https://en.wikipedia.org/wiki/LRC_(file_format)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lyricsrec.base.clock import clock
from lyricsrec.base.errors import DataError
from lyricsrec.formats.base import Format, Parsed, Source, retimed_text
from lyricsrec.formats.sheet.row_text import split_repeats, sung_part
from lyricsrec.formats.timed_text import timed_words
from lyricsrec.lyrics.retiming import Retiming, TimedLine, timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript, Word

_CLOCK = r"(\d{1,4}):([0-5]?\d)(?:[.:](\d{1,3}))?"
_LINE_TIME = re.compile(rf"\s*\[{_CLOCK}\]")
_WORD_TIME = re.compile(rf"<{_CLOCK}>|\[{_CLOCK}\]")
_TIMESTAMP_LIKE = re.compile(r"\[\s*[-+]?\d[^\]:]*:[^\]]*\]?|<\d[^>:]*:[^>]*>")
_TAG_OR_COMMENT = re.compile(r"\s*(?:\[[^\d\s\]:][^\]:]*:[^\]]*\]\s*$|\[:\]|#)")
_LONG_BREAK_S = 5.0
_ROW = re.compile(r"^\s*\[\d{1,4}:\d{1,2}([.:]\d{1,3})?\]", re.MULTILINE)
_OFFSET = re.compile(r"^(\s*\[offset:)([^\]]*)(\])", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class _Row:
    """What begins at one time: words, or nothing where the line before ends.

    `place` is the number of the row in the file and the line time that was used.
    """

    place: tuple[int, float | None]
    start_s: float | None
    words: tuple[Word, ...]


def parse_lrc(text: str, name: str) -> tuple[Line, ...]:
    """The lines in order of time. The first word of each has the time of the line, others only where the file has one.

    The last word of a line has an end where the file gives the end of the line. Rows without a time stay behind the
    row they follow. Raises DataError for an invalid timestamp, with the number of its row.
    """
    lines: list[Line] = []
    for row in _rows(text, name):
        if row.words:
            lines.append(Line(row.words))
        elif lines and row.start_s is not None and (last := lines[-1].words[-1]).end_s is None:
            lines[-1] = Line((*lines[-1].words[:-1], replace(last, end_s=row.start_s)))
    return tuple(lines)


def retime_lrc(text: str, name: str, moved: Callable[[float, int | None], float]) -> str:
    """The same file with every time t of line i changed to `moved(t, i)`; i is None for a row without words.

    Tags, text and order are kept. An offset is added to the times and set to 0.
    """
    numbers = {row.place: number for number, row in enumerate(row for row in _rows(text, name) if row.words)}
    offset_s = _offset_s(text, name)
    rows = text.splitlines(keepends=True)
    for number, row in enumerate(rows):
        times, body = _split(row)
        starts = _starts(times, offset_s)
        head = [_stamp(match, moved(t, numbers.get((number, t)))) for match, t in zip(times, starts, strict=True)]
        line = numbers.get((number, starts[0] if starts else None))

        def at(match: re.Match[str], line: int | None = line) -> str:
            return _stamp(match, moved(_starts([match], offset_s)[0], line))

        if times or not _TAG_OR_COMMENT.match(row):
            rows[number] = "".join(head) + _WORD_TIME.sub(at, body)
    return _OFFSET.sub(r"\g<1>0\3", "".join(rows))


def _rows(text: str, name: str) -> list[_Row]:
    """All rows with words or times, in order of time."""
    offset_s = _offset_s(text, name)
    timed: list[tuple[float, _Row]] = []
    last_s = 0.0
    for number, row in enumerate(text.splitlines()):
        times, body = _split(row)
        _check(row, name, number + 1)
        if not times and _TAG_OR_COMMENT.match(row):
            continue
        # Some programs repeat the time of the line as that of its first word.
        starts = list(dict.fromkeys(_starts(times, offset_s)))
        words = _words(body, starts[0] if starts else None, offset_s)
        if not starts and words:
            first_s = words[0].start_s
            timed.append((last_s if first_s is None else first_s, _Row((number, None), first_s, words)))
        for start_s in starts:
            later = tuple(_later(word, start_s - starts[0]) for word in words)
            timed.append((start_s, _Row((number, start_s), start_s, later)))
        last_s = starts[-1] if starts else last_s
    return [row for _, row in sorted(timed, key=lambda pair: pair[0])]


def _split(row: str) -> tuple[list[re.Match[str]], str]:
    """The timestamps at the start of a row, and the rest of it."""
    times: list[re.Match[str]] = []
    position = 0
    while match := _LINE_TIME.match(row, position):
        times.append(match)
        position = match.end()
    return times, row[position:]


def _check(row: str, name: str, number: int) -> None:
    for match in _TIMESTAMP_LIKE.finditer(row):
        if not _WORD_TIME.fullmatch(match.group()):
            raise DataError(
                f"{name}: invalid timestamp {match.group()[:24]} in row {number}",
                "Fix or delete the row; timestamps look like [01:23.45].",
            )


def _words(body: str, start_s: float | None, offset_s: float) -> tuple[Word, ...]:
    times = list(_WORD_TIME.finditer(body))
    bare = _WORD_TIME.sub(" ", body)
    if not sung_part(bare):
        return ()
    if not times:
        once, repeats = split_repeats(bare)
        texts = sung_part(once).split() * repeats
        return tuple(Word(text, None if i else start_s, None) for i, text in enumerate(texts))
    ends = [match.start() for match in times] + [len(body)]
    begins = [0, *(match.end() for match in times)]
    seconds = [start_s, *_starts(times, offset_s), None]
    return timed_words([body[a:b] for a, b in zip(begins, ends, strict=True)], seconds)


def _later(word: Word, by_s: float) -> Word:
    start_s, end_s = (None if t is None else t + by_s for t in (word.start_s, word.end_s))
    return replace(word, start_s=start_s, end_s=end_s) if by_s else word


def _starts(times: Sequence[re.Match[str]], offset_s: float) -> list[float]:
    return [max(_seconds(match) - offset_s, 0.0) for match in times]


def _seconds(match: re.Match[str]) -> float:
    minutes, seconds, fraction = match.groups()[:3] if match.group(1) else match.groups()[3:]
    return round(int(minutes) * 60 + float(f"{seconds}.{fraction or 0}"), 3)


def _stamp(match: re.Match[str], seconds: float) -> str:
    """A timestamp in the brackets of an old one, with as many decimals, but at least hundredths."""
    old = match.group()
    digits = 3 if re.search(r"[.:]\d{3}\W$", old) else 2
    opening = old[: len(old) - len(old.lstrip()) + 1]
    return f"{opening}{clock(max(seconds, 0.0), digits, minute_digits=2)}{old[-1]}"


def _offset_s(text: str, name: str) -> float:
    match = _OFFSET.search(text)
    if match is None or not match.group(2).strip():
        return 0.0
    try:
        return int(match.group(2)) / 1000
    except ValueError:
        row = text.count("\n", 0, match.start()) + 1
        raise DataError(
            f"{name}: invalid offset '{match.group(2).strip()[:24]}' in row {row}",
            "Give the offset in whole milliseconds, such as [offset:+250], or delete the row.",
        ) from None


def _sniff(source: Source) -> bool:
    return bool(_ROW.search(source.text.lstrip()))


def _parse(source: Source) -> Parsed:
    return Parsed(parse_lrc(source.text, source.name))


def _retime(text: str, name: str, retiming: Retiming) -> str:
    return retime_lrc(text, name, retiming.at)


def _write(transcript: Transcript) -> str:
    return _written(transcript, lambda line: line.text)


def _write_enhanced(transcript: Transcript) -> str:
    def body(line: TimedLine) -> str:
        words = " ".join(f"<{_clock(word.start_s)}> {word.text}" for word in line.words)
        return f" {words} <{_clock(line.end_s)}>"

    return _written(transcript, body)


def _written(transcript: Transcript, body: Callable[[TimedLine], str]) -> str:
    rows = [
        f"[ti:{transcript.song}]",
        f"[length:{_clock(transcript.duration_s)}]",
        f"[re:lyricsrec {transcript.provenance.lyricsrec}]",
    ]
    lines = list(timed_lines(transcript))
    for i, line in enumerate(lines):
        rows.append(f"[{_clock(line.start_s)}]{body(line)}")
        # Without an empty row in a long break, players would show the line through it.
        if i + 1 < len(lines) and lines[i + 1].start_s - line.end_s > _LONG_BREAK_S:
            rows.append(f"[{_clock(line.end_s)}]")
    return "\n".join(rows) + "\n"


def _clock(seconds: float) -> str:
    return clock(max(seconds, 0.0), 2, minute_digits=2)


LRC = Format(
    "lrc",
    (".lrc", ".elrc"),
    "LRC: a time for each line",
    sniff=_sniff,
    parse=_parse,
    write=_write,
    retime=retimed_text(_retime),
)
ELRC = Format("elrc", (".elrc",), "enhanced LRC: a time for each word", write=_write_enhanced)
