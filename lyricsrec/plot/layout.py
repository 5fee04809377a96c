"""The layout of a picture: rows of time, lanes so that words do not overlap, notes beside the rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import pairwise, takewhile

from lyricsrec.base.clock import clock
from lyricsrec.lyrics.transcript import Line

Measure = Callable[[str], float]
"""Returns the width of a text, in seconds of a row."""

_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0)


@dataclass(frozen=True)
class Span:
    """A word with its times; `line` is the index of its line, from 0."""

    text: str
    start_s: float
    end_s: float
    _: KW_ONLY
    confidence: float | None
    line: int
    begins_line: bool
    is_doubtful: bool


@dataclass(frozen=True)
class Aside:
    """A note on a line that is unplaced, doubtful, or has words without times.

    `at_s` is its position in the song: the line's start, or else a time between the end of the line before (`after_s`)
    and the start of the line after (`before_s`). Several unplaced lines in a row share this time evenly.
    """

    at_s: float
    line: int
    text: str
    _: KW_ONLY
    is_placed: bool
    reason: str | None
    after_s: float
    before_s: float

    @property
    def mark(self) -> str:
        """The mark of the note, with the number of the line from 1."""
        return f"{'?' if self.is_placed else '×'}{self.line + 1}"

    @property
    def place(self) -> str:
        """Where the line is, or between which times it must be."""
        if self.is_placed:
            return f"at {clock(self.at_s)}"
        return f"between {clock(self.after_s)} and {clock(self.before_s)}"


@dataclass(frozen=True)
class Box:
    """The part of a word in one row. Its text, empty if another row shows it, begins at `text_s`."""

    span: Span
    start_s: float
    end_s: float
    _: KW_ONLY
    text: str
    text_s: float
    lane: int


@dataclass(frozen=True)
class Row:
    """A part of the song with its words, and the notes beside it."""

    start_s: float
    end_s: float
    boxes: tuple[Box, ...]
    _: KW_ONLY
    asides: tuple[Aside, ...]

    @property
    def num_lanes(self) -> int:
        """The number of lanes that the words need, at least one."""
        return max((box.lane + 1 for box in self.boxes), default=1)


def placed_words(lines: Sequence[Line]) -> list[Span]:
    """The words that have times, in the order of their starts; a word without an end lasts until the next one."""
    spans = []
    for number, line in enumerate(lines):
        is_first = True
        for i, word in enumerate(line.words):
            if word.start_s is None:
                continue
            end_s = word.end_s
            if end_s is None:
                end_s = next(
                    (later.start_s for later in line.words[i + 1 :] if later.start_s is not None), word.start_s
                )
            end_s = max(end_s, word.start_s)
            spans.append(
                Span(
                    word.text,
                    word.start_s,
                    end_s,
                    confidence=word.confidence,
                    line=number,
                    begins_line=is_first,
                    is_doubtful=_is_doubtful(line),
                )
            )
            is_first = False
    return sorted(spans, key=lambda span: span.start_s)


def within(spans: Sequence[Span], start_s: float, end_s: float) -> list[Span]:
    """The words between two times, cut at both."""
    return [
        replace(span, start_s=max(span.start_s, start_s), end_s=min(span.end_s, end_s))
        for span in spans
        if span.start_s < end_s and (span.start_s >= start_s or span.end_s > start_s)
    ]


def notes_on(lines: Sequence[Line], duration_s: float) -> list[Aside]:
    """The notes on lines, in the order of the lines."""
    asides = []
    for number, line in enumerate(lines):
        reason = _problem(line)
        if reason is None:
            continue
        before, after = lines[:number][::-1], lines[number + 1 :]
        after_s = next((end_s for other in before if (end_s := other.end_s) is not None), 0.0)
        before_s = max(
            next((start_s for other in after if (start_s := other.start_s) is not None), duration_s), after_s
        )
        at_s = line.start_s
        if at_s is None:
            rank, rest = _num_unplaced(before) + 1, _num_unplaced(after) + 1
            at_s = after_s + (before_s - after_s) * rank / (rank + rest)
        asides.append(
            Aside(
                at_s,
                number,
                line.text,
                is_placed=line.start_s is not None,
                reason=reason or None,
                after_s=after_s,
                before_s=before_s,
            )
        )
    return asides


def lay_out(
    spans: Sequence[Span],
    asides: Sequence[Aside],
    *,
    start_s: float,
    end_s: float,
    row_s: float,
    measure: Measure,
) -> list[Row]:
    """Rows of `row_s` seconds from `start_s` to `end_s` (the last may be shorter), with their words and notes.

    A word that continues in the next row has a box in both, and its text in the row with the larger part. Texts in a
    row never overlap: each word goes into the lowest lane that is free from its start to the end of its text.
    """
    count = max(math.ceil((end_s - start_s) / row_s - 1e-6), 1)
    borders = [start_s + i * row_s for i in range(count)] + [end_s]
    return [
        Row(
            first,
            last,
            tuple(_boxes(spans, first, last, row_s, measure)),
            asides=tuple(_between(asides, first, last, end_s)),
        )
        for first, last in pairwise(borders)
    ]


def flow(tops: Sequence[float], heights: Sequence[float], gap: float) -> list[float]:
    """The tops of blocks that should begin at `tops` (ascending), moved down where they would come within `gap`."""
    placed: list[float] = []
    free = -math.inf
    for top, height in zip(tops, heights, strict=True):
        placed.append(max(top, free))
        free = placed[-1] + height + gap
    return placed


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """A text in lines of at most `width`; wider words are broken, because some languages have no spaces."""
    rows: list[str] = []
    for word in text.split():
        joined = f"{rows[-1]} {word}" if rows else word
        if rows and measure(joined) <= width:
            rows[-1] = joined
        else:
            rows += _broken(word, width, measure)
    return rows


def tick_step(row_s: float, most: int = 15) -> float:
    """Seconds between labels of the time axis, so that a row has at most `most` labels."""
    return next((step for step in _STEPS if row_s / step <= most), _STEPS[-1])


def _is_doubtful(line: Line) -> bool:
    return line.placement is not None and line.placement.band in ("doubtful", "unplaced")


def _broken(word: str, width: float, measure: Measure) -> Iterator[str]:
    rest = word
    while len(rest) > 1 and measure(rest) > width:
        fits = max((n for n in range(1, len(rest)) if measure(rest[:n]) <= width), default=1)
        yield rest[:fits]
        rest = rest[fits:]
    yield rest


def _num_unplaced(lines: Sequence[Line]) -> int:
    """The number of unplaced lines before the first placed one; lines without words do not count."""
    return sum(bool(line.words) for line in takewhile(lambda line: line.start_s is None, lines))


def _problem(line: Line) -> str | None:
    """What is wrong with the times of a line: None for nothing, empty if the reason is unknown."""
    reason = line.placement.reason if line.placement is not None else None
    missing = sum(word.start_s is None for word in line.words)
    if not line.words:
        return None
    if _is_doubtful(line) or missing == len(line.words):
        return reason or ""
    if missing:
        return reason or f"{missing} of {len(line.words)} words have no time"
    return None


def _boxes(spans: Sequence[Span], first_s: float, last_s: float, row_s: float, measure: Measure) -> Iterator[Box]:
    free_from: list[float] = []
    for span in spans:
        # A word of length zero belongs to the row it starts in.
        if not (first_s <= span.start_s < last_s or span.start_s < first_s < span.end_s):
            continue
        start_s, end_s = max(span.start_s, first_s), min(span.end_s, last_s)
        text = span.text if _shows_text(span, first_s, last_s, row_s) else ""
        width_s = measure(text) if text else 0.0
        text_s = max(min(start_s, first_s + row_s - width_s), first_s)
        begin_s, stop_s = min(start_s, text_s), max(end_s, text_s + width_s)
        lane = next((lane for lane, free_s in enumerate(free_from) if free_s <= begin_s + 1e-6), len(free_from))
        free_from[lane : lane + 1] = [stop_s]
        yield Box(span, start_s, end_s, text=text, text_s=text_s, lane=lane)


def _shows_text(span: Span, first_s: float, last_s: float, row_s: float) -> bool:
    """Whether no other row has a larger part of a word; of two equal parts, the first shows the text."""
    here_s = min(span.end_s, last_s) - max(span.start_s, first_s)
    before_s = min(max(first_s - span.start_s, 0.0), row_s)
    after_s = min(max(span.end_s - last_s, 0.0), row_s)
    return (before_s == 0 or here_s > before_s) and here_s >= after_s


def _between(asides: Sequence[Aside], first_s: float, last_s: float, end_s: float) -> Iterator[Aside]:
    is_last = last_s >= end_s
    for aside in asides:
        if first_s <= aside.at_s and (aside.at_s < last_s or (is_last and aside.at_s <= end_s)):
            yield aside
