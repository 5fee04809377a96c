"""Better times for the words of a recogniser, by aligning them with a CTC model's emission."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from itertools import accumulate
from typing import Protocol

from lyricsrec.alignment.align import align
from lyricsrec.alignment.settings import AlignConfig
from lyricsrec.audio.audio import Audio
from lyricsrec.audio.segment import Span
from lyricsrec.base.settings import AtLeastZero, Settings, Share
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Line, Word
from lyricsrec.recognition.base import Piece, RecognizedPiece


@dataclass(frozen=True)
class WordTimesConfig(Settings):
    """How far a recogniser's own times are trusted.

    A word that would move by more than `max_shift_s` keeps its own start; where less than `min_placed_share` of the
    words of a piece can be placed, all of them do. `align` are the settings of the alignment, whose hints are the own
    times: a smaller `hint_spread_s` trusts them more, and `max_hint_cost` limits the cost of ignoring them.

    Words end with their last letter. A recogniser tends to give held notes too much: before a pause of at least
    `pause_s` a word ends half-way between the two.
    """

    max_shift_s: AtLeastZero = 1.0
    min_placed_share: Share = 0.5
    pause_s: AtLeastZero = 0.3
    _: KW_ONLY
    align: AlignConfig = field(default_factory=lambda: AlignConfig(hint_spread_s=0.3, max_hint_cost=40.0))


def retime(emission: Emission, words: Sequence[Word], end_s: float, *, config: WordTimesConfig) -> tuple[Word, ...]:
    """The same words at the times where the emission of their piece supports them.

    They come in order and do not overlap, nor last past `end_s`, the end of the piece. If a word has no times, or the
    times are not in order, all words keep their own.
    """
    own = [Span(word.start_s, word.end_s) for word in words if word.start_s is not None and word.end_s is not None]
    times = [seconds for span in own for seconds in (span.start_s, span.end_s)]
    if not own or len(own) < len(words) or times != sorted(times):
        return tuple(words)
    # As a single line, so that no word can be skipped: wrong ones are held in place by their neighbours.
    (line,) = align(emission, [Line(tuple(words))], config.align)
    found = [_place(span, word, config) for span, word in zip(own, line.words, strict=True)]
    if sum(place is not None for place in found) < config.min_placed_share * len(words):
        return tuple(words)
    spans = _merged(own, found, end_s, pause_s=config.pause_s)
    return tuple(
        replace(word, start_s=round(span.start_s, 3), end_s=round(span.end_s, 3))
        for word, span in zip(words, spans, strict=True)
    )


def _place(own: Span, word: Word, config: WordTimesConfig) -> Span | None:
    """Where a word was aligned; None if that was interpolated, or is too far from its own time."""
    if word.start_s is None or word.end_s is None or word.confidence is None:
        return None
    return Span(word.start_s, word.end_s) if abs(word.start_s - own.start_s) <= config.max_shift_s else None


def _merged(own: Sequence[Span], found: Sequence[Span | None], end_s: float, *, pause_s: float) -> list[Span]:
    """The aligned spans, and own ones between them, moved where they would overlap."""
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
    """Gives the words of a recogniser their times."""

    name: str

    def time(self, recognized: RecognizedPiece, piece: Piece) -> tuple[Word, ...]:
        """The words of a piece in order, changed in nothing but their times."""


class CtcModel(Protocol):
    """A CTC recogniser."""

    def emission(self, piece: Audio) -> Emission:
        """Log-probabilities of a mono piece at 16 kHz."""


class AlignedTimer:
    """Aligns words with the emission of the CTC model for their language; words without a model keep their times.

    `model_for` gives the model of a language (a code such as "en"; None: not known), or None.
    """

    def __init__(self, name: str, model_for: Callable[[str | None], CtcModel | None], config: WordTimesConfig) -> None:
        self.name = name
        self._model_for, self._config = model_for, config

    def time(self, recognized: RecognizedPiece, piece: Piece) -> tuple[Word, ...]:
        """The words of a piece, at new times where a model supports them."""
        model = self._model_for(recognized.language) if recognized.words else None
        if model is None:
            return recognized.words
        return retime(model.emission(piece.voice), recognized.words, piece.voice.end_s, config=self._config)
