"""Where chords stand in the lyrics: over the syllable that begins nearest to them, or between lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field

from lyricsrec.lyrics.music.harmony import Chord
from lyricsrec.lyrics.music.syllables import syllables
from lyricsrec.lyrics.transcript import Transcript

_EARLY_S = 0.6
"""A chord that begins at most so long before a line belongs to its first word."""
_PAUSE_S = 3.0
"""Chords in shorter pauses stand at the end of the line before, those in longer ones in a row of their own."""


@dataclass(frozen=True)
class Mark:
    """A chord over a character of a word of a line, by its symbol; `word` is the number of words after the last."""

    word: int
    character: int
    symbol: str


@dataclass(frozen=True)
class Sheet:
    """The marks of each line, by its number, and symbols that stand before a line, or after all lines."""

    over: dict[int, list[Mark]] = field(default_factory=lambda: defaultdict(list))
    before: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def between(self, line: int) -> str:
        """The row of symbols before a line, as in `[G] [C]`; empty if there are none."""
        return " ".join(f"[{symbol}]" for symbol in self.before.get(line, ()))


@dataclass(frozen=True)
class _Onset:
    """The start of a syllable in seconds, and where it is."""

    at_s: float
    word: int
    character: int
    _: KW_ONLY
    line: int


def sheet_of(transcript: Transcript) -> Sheet:
    """The chords of a transcript, as they are fingered with its capo, on its lines."""
    sheet = Sheet()
    onsets = _onsets(transcript)
    ends = {
        number: line.end_s
        for number, line in enumerate(transcript.lines)
        if line.end_s is not None and line.start_s is not None
    }
    for at_s, symbol in _changes(transcript):
        nearest = min(onsets, key=lambda onset: abs(onset.at_s - at_s), default=None)
        current = max((n for n in ends if (transcript.lines[n].start_s or 0) <= at_s), default=None)
        if nearest is not None and (
            (current is not None and at_s < ends[current]) or 0 <= nearest.at_s - at_s <= _EARLY_S
        ):
            sheet.over[nearest.line].append(Mark(nearest.word, nearest.character, symbol))
            continue
        following = _next_line(transcript, current)
        pause_s = _start_of(transcript, following) - (ends[current] if current is not None else 0.0)
        if current is not None and pause_s < _PAUSE_S:
            sheet.over[current].append(Mark(len(transcript.lines[current].words), 0, symbol))
        elif symbol != "N.C.":
            sheet.before[following].append(symbol)
    for number, marks in sheet.over.items():
        sheet.over[number] = _last_of_each(marks)
    return sheet


def shapes_of(transcript: Transcript) -> tuple[Chord, ...]:
    """The chords as they are fingered with the capo of a transcript."""
    chords = transcript.chords or ()
    if not transcript.capo:
        return chords
    return tuple(chord.transposed(-transcript.capo, _names(transcript)) for chord in chords)


def _names(transcript: Transcript) -> tuple[str, ...]:
    """Names of the pitch classes in the key that is fingered."""
    key = transcript.key
    return () if key is None else key.transposed(-(transcript.capo or 0)).pitch_names


def _changes(transcript: Transcript) -> list[tuple[float, str]]:
    """The times at which another chord begins, and its symbol."""
    names = _names(transcript)
    found: list[tuple[float, str]] = []
    for chord in shapes_of(transcript):
        symbol = chord.symbol(names) if names else chord.symbol()
        if not found or found[-1][1] != symbol:
            found.append((chord.start_s, symbol))
    return found


def _onsets(transcript: Transcript) -> list[_Onset]:
    """The starts of all syllables with times; those within a word are where its letters are in its time."""
    onsets = []
    for number, line in enumerate(transcript.lines):
        for place, word in enumerate(line.words):
            if word.start_s is None:
                continue
            length_s = (word.end_s if word.end_s is not None else word.start_s) - word.start_s
            for character in syllable_starts(word.text, transcript.provenance.language):
                at_s = word.start_s + length_s * character / len(word.text)
                onsets.append(_Onset(at_s, place, character, line=number))
    return onsets


def syllable_starts(word: str, language: str | None) -> list[int]:
    """Numbers of the characters at which the syllables of a word begin, from 0."""
    lengths = [len(part) for part in syllables(word, language)]
    return [sum(lengths[:number]) for number in range(len(lengths))]


def _next_line(transcript: Transcript, line: int | None) -> int:
    """The next line with times, or the number of lines."""
    first = 0 if line is None else line + 1
    return next(
        (n for n in range(first, len(transcript.lines)) if transcript.lines[n].start_s is not None),
        len(transcript.lines),
    )


def _start_of(transcript: Transcript, line: int) -> float:
    start_s = transcript.lines[line].start_s if line < len(transcript.lines) else None
    return start_s if start_s is not None else float("inf")


def _last_of_each(marks: Sequence[Mark]) -> list[Mark]:
    """The last mark at each place, in the order of places; all of those after the last word."""
    kept: dict[tuple[int, int, int], Mark] = {}
    last_word = max((mark.word for mark in marks), default=0)
    for number, mark in enumerate(marks):
        kept[mark.word, mark.character, number if mark.word == last_word and mark.character == 0 else 0] = mark
    return sorted(kept.values(), key=lambda mark: (mark.word, mark.character))
