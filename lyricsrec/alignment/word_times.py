"""When words that were heard are sung: lyrics of a short piece whose times are nearly right already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Protocol

from lyricsrec.alignment.align import align
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.audio import Audio
from lyricsrec.audio.segment import Span
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.recognition.base import Piece, RecognizedPiece


@dataclass(frozen=True)
class WordTimesConfig:
    """How far a recogniser's own times are trusted.

    A word keeps its own start where it would move by more than `farthest_s`; all words of a piece do where less than
    `least_share` of them can be placed. `align` is how they are laid over the sound; their own times are its hints:
    a smaller `hint_spread_s` trusts them more, and `hint_price` is what leaving them altogether costs.

    Letters are heard until a word ends, but for held notes, of which a recogniser takes in too much: before a pause of
    `pause_s` a word ends half-way between.
    """

    farthest_s: float = 1.0
    least_share: float = 0.5
    pause_s: float = 0.3
    _: KW_ONLY
    align: AlignConfig = field(default_factory=lambda: AlignConfig(hint_spread_s=0.3, hint_price=40.0))


def retime(emission: Emission, words: Sequence[Word], end_s: float, config: WordTimesConfig) -> tuple[Word, ...]:
    """The same words, at the times at which the emission of their piece bears them out; in order, none overlapping.

    No word lasts into the next one, nor past `end_s`, where the piece ends. Words that have no times, or none in order,
    all stay as they are.
    """
    own = [Span(word.start_s, word.end_s) for word in words if word.start_s is not None and word.end_s is not None]
    times = [seconds for span in own for seconds in (span.start_s, span.end_s)]
    if not own or len(own) < len(words) or times != sorted(times):
        return tuple(words)
    # As one line, none can be left out: words that do not fit are held in place by their neighbours.
    (line,) = align(emission, [Line(tuple(words))], config.align)
    found = [_place(span, word, config) for span, word in zip(own, line.words, strict=True)]
    if sum(place is not None for place in found) < config.least_share * len(words):
        return tuple(words)
    spans = _merged(own, found, end_s, config.pause_s)
    return tuple(
        replace(word, start_s=round(span.start_s, 3), end_s=round(span.end_s, 3))
        for word, span in zip(words, spans, strict=True)
    )


def _place(own: Span, word: Word, config: WordTimesConfig) -> Span | None:
    """Where a word was found, if it was heard there and not filled in, and not too far from its own time."""
    if word.start_s is None or word.end_s is None or word.confidence is None:
        return None
    return Span(word.start_s, word.end_s) if abs(word.start_s - own.start_s) <= config.farthest_s else None


def _merged(own: Sequence[Span], found: Sequence[Span | None], end_s: float, pause_s: float) -> list[Span]:
    """The spans that were found, and between them own ones, moved where they would run into those."""
    latest = list(accumulate((place.start_s if place else end_s for place in reversed(found)), min))[::-1]
    starts = [0.0]
    for span, place, latest_s in zip(own, found, latest, strict=True):
        starts.append(max(place.start_s if place else min(span.start_s, latest_s), starts[-1]))
    spans = []
    for span, place, start_s, next_s in zip(own, found, starts[1:], [*starts[2:], end_s], strict=True):
        last_s = place.end_s if place else span.end_s
        if place and next_s - last_s >= pause_s:
            last_s = (last_s + max(last_s, span.end_s)) / 2
        spans.append(Span(start_s, max(min(last_s, next_s), start_s)))
    return spans


class Timer(Protocol):
    """Gives words their times."""

    name: str

    def time(self, heard: RecognizedPiece, piece: Piece) -> tuple[Word, ...]:
        """The words that were heard in a piece, in order, none changed but for its times."""


class Listener(Protocol):
    """A CTC recogniser."""

    def emission(self, piece: Audio) -> Emission:
        """Log-probabilities of a mono piece at 16 kHz."""


class AlignedTimer:
    """Lays the words of one language over what a CTC model hears in their piece; others keep their times.

    The model is loaded by `load` when there is something to time for the first time.
    """

    def __init__(self, name: str, load: Callable[[], Listener], language: str, config: WordTimesConfig) -> None:
        self.name = name
        self._load, self._language, self._config = load, language, config

    @cached_property
    def _listener(self) -> Listener:
        return self._load()

    def time(self, heard: RecognizedPiece, piece: Piece) -> tuple[Word, ...]:
        """The words that were heard in a piece, at new times where the model bears them out."""
        if not heard.words or heard.language != self._language:
            return heard.words
        return retime(self._listener.emission(piece.voice), heard.words, piece.voice.end_s, self._config)
