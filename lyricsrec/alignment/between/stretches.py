"""Where the words without times are: between which of the others, and how much of the song that leaves them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import groupby

from lyricsrec.audio.segment import Span
from lyricsrec.lyrics.transcript import Line, Word

_WORD_S = 0.06
_LETTER_S = 0.03
_MOST_MOVED = 4
_CONTEXT_S = 4.0


@dataclass(frozen=True)
class Stretch:
    """The words `first` to `last` of a song, counted over all lines, are sung within `span`."""

    first: int
    last: int
    span: Span


def stretches(lines: Sequence[Line], end_s: float, movable: Container[Word]) -> list[Stretch]:
    """Every run of words without times, with the song (until `end_s`, seconds) between its neighbours.

    Where that is too short for the run, up to four neighbours on each side that are `movable` join it. Runs that meet
    are one. Translations and romanised lines are left out.
    """
    words = [word for line in lines if line.is_sung for word in line.words]
    found: list[Stretch] = []
    for is_open, group in groupby(range(len(words)), lambda i: words[i].start_s is None):
        if is_open:
            run = list(group)
            found = _added(found, _fitted(Stretch(run[0], run[-1], Span(0.0, end_s)), words, movable, end_s=end_s))
    return [_within(stretch, words, end_s) for stretch in found]


def excerpts(found: Sequence[Stretch], end_s: float) -> list[Span]:
    """The parts of a song (until `end_s`) that hold all stretches, with four seconds around each."""
    spans: list[Span] = []
    for stretch in found:
        start_s, stop_s = max(stretch.span.start_s - _CONTEXT_S, 0.0), min(stretch.span.end_s + _CONTEXT_S, end_s)
        if spans and start_s <= spans[-1].end_s:
            start_s, stop_s = spans[-1].start_s, max(spans[-1].end_s, stop_s)
            spans.pop()
        spans.append(Span(start_s, stop_s))
    return spans


def _fitted(stretch: Stretch, words: Sequence[Word], movable: Container[Word], *, end_s: float) -> Stretch:
    """A stretch with as many movable neighbours as its words need room."""
    fitted = _within(stretch, words, end_s)
    for _ in range(_MOST_MOVED):
        if _room_s(fitted) >= sum(map(_need_s, words[fitted.first : fitted.last + 1])):
            break
        first, last = fitted.first, fitted.last
        first -= first > 0 and words[first - 1] in movable
        last += last + 1 < len(words) and words[last + 1] in movable
        fitted = _within(Stretch(first, last, fitted.span), words, end_s)
    return fitted


def _within(stretch: Stretch, words: Sequence[Word], end_s: float) -> Stretch:
    start_s = next((word.end_s for word in reversed(words[: stretch.first]) if word.end_s is not None), 0.0)
    stop_s = next((word.start_s for word in words[stretch.last + 1 :] if word.start_s is not None), end_s)
    return Stretch(stretch.first, stretch.last, Span(start_s, max(start_s, stop_s)))


def _added(found: list[Stretch], new: Stretch) -> list[Stretch]:
    """The stretches with one more, joined to the last one where they meet."""
    if found and found[-1].last + 1 >= new.first:
        return [*found[:-1], Stretch(found[-1].first, max(found[-1].last, new.last), new.span)]
    return [*found, new]


def _room_s(stretch: Stretch) -> float:
    return stretch.span.end_s - stretch.span.start_s


def _need_s(word: Word) -> float:
    return _WORD_S + _LETTER_S * len(word.text)
