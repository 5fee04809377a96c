"""Lines as karaoke shows them: every word with its times, translations beside them, none wider than the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import accumulate

from lyricsrec.formats.timed_text import joined, written_together
from lyricsrec.lyrics.lines import ends_clause, ends_sentence
from lyricsrec.lyrics.music.notes import Melody, Note
from lyricsrec.lyrics.retiming import TimedWord, timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript

Fits = Callable[[Sequence[str]], bool]
"""Whether words fit into a line."""


@dataclass(frozen=True)
class Syllable:
    """A part of a word that is sung between two times; `share` is where it ends in the letters of the word, up to 1."""

    start_s: float
    end_s: float
    share: float


@dataclass(frozen=True)
class SungWord(TimedWord):
    """A word whose syllables have times of their own, in order; none where they are not known."""

    _: KW_ONLY
    syllables: tuple[Syllable, ...] = ()


@dataclass(frozen=True)
class ShownLine:
    """Words that are shown in a line; `second` is the translation or romanised text below them."""

    words: tuple[SungWord, ...]
    second: str = ""
    _: KW_ONLY
    singers: tuple[str, ...] = ()
    is_backing: bool = False

    @property
    def start_s(self) -> float:
        """When the first word is sung."""
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        """When the last word ends."""
        return max(word.end_s for word in self.words)

    @property
    def text(self) -> str:
        """The words as they are written."""
        return joined([word.text for word in self.words])


def shown_lines(transcript: Transcript, fits: Fits) -> list[ShownLine]:
    """The sung lines that have times, in order of time, split where they do not fit.

    Translations and romanised lines belong to the sung line before them; of both, the romanised one is shown. Words
    with several notes in the melody are sung syllable by syllable.
    """
    numbers = accumulate((len(line.words) for line in transcript.lines), initial=0)
    placed = [
        (number, line)
        for number, line in zip(numbers, transcript.lines, strict=False)
        if line.start_s is not None and line.end_s is not None
    ]
    syllables = _syllables(transcript.melody)
    found: list[ShownLine] = []
    timed = timed_lines(replace(transcript, lines=tuple(line for _, line in placed)))
    for (first, line), times in zip(placed, timed, strict=True):
        if not line.is_sung and found:
            if not found[-1].second or line.role == "romanised":
                found[-1] = replace(found[-1], second=line.text)
        elif words := _in_order(times.words, first, syllables):
            found.append(ShownLine(words, singers=line.singers, is_backing=line.role == "backing"))
    split = [part for line in found for part in _fitting(line, fits)]
    return sorted(split, key=lambda line: line.start_s)


def _syllables(melody: Melody | None) -> dict[int, tuple[Syllable, ...]]:
    """The syllables of each word, by its number, that has several of them in a melody; held notes lengthen one."""
    notes: dict[int, list[Note]] = {}
    for note in melody.notes if melody is not None else ():
        if note.word is None:
            continue
        sung = notes.setdefault(note.word, [])
        if note.is_held and sung:
            sung[-1] = replace(sung[-1], end_s=note.end_s)
        else:
            sung.append(note)
    return {number: _shared(sung) for number, sung in notes.items() if len(sung) > 1}


def _shared(notes: Sequence[Note]) -> tuple[Syllable, ...]:
    lengths = list(accumulate(max(len(note.text), 1) for note in notes))
    return tuple(
        Syllable(note.start_s, note.end_s, length / lengths[-1]) for note, length in zip(notes, lengths, strict=True)
    )


def sung_parts(word: TimedWord) -> tuple[TimedWord, ...]:
    """The syllables of a word with their letters, or the word itself where they are not known."""
    parts = word.syllables if isinstance(word, SungWord) else ()
    ends = [round(part.share * len(word.text)) for part in parts]
    begins = [0, *ends[:-1]]
    found = tuple(
        TimedWord(part.start_s, part.end_s, word.text[begin:end])
        for part, begin, end in zip(parts, begins, ends, strict=False)
    )
    return found if found and all(part.text for part in found) else (word,)


def has_word_times(lines: Sequence[Line]) -> bool:
    """Whether lines have times for their words, rather than for themselves only."""
    sung = [line for line in lines if line.is_sung and line.start_s is not None]
    longer = [line for line in sung if len(line.words) > 1]
    return bool(sung) and all(any(word.start_s is not None for word in line.words[1:]) for line in longer)


def _in_order(
    words: Sequence[TimedWord], first: int, syllables: Mapping[int, tuple[Syllable, ...]]
) -> tuple[SungWord, ...]:
    """Words of which none begins before the one before it, or ends before it begins; `first` is the number of one."""
    found: list[SungWord] = []
    for number, word in enumerate(words, first):
        start_s = max(word.start_s, found[-1].start_s if found else 0.0)
        parts = syllables.get(number, ())
        if not all(start_s <= part.start_s for part in parts):
            parts = ()
        found.append(SungWord(start_s, max(word.end_s, start_s), word.text, syllables=parts))
    return tuple(found)


def _fitting(line: ShownLine, fits: Fits) -> Iterator[ShownLine]:
    texts = [word.text for word in line.words]
    if fits(texts):
        yield line
    elif len(texts) > 1:
        best = max(range(1, len(texts)), key=lambda i: _merit(line.words, i))
        for part in _halves(line, best):
            yield from _fitting(part, fits)
    elif letters := _letters(line.words[0]):
        yield from _fitting(replace(line, words=letters), fits)
    else:
        yield line


def _halves(line: ShownLine, at: int) -> Iterator[ShownLine]:
    """A line as two; the translation is divided in proportion."""
    second = line.second.split()
    share = round(len(second) * at / len(line.words))
    yield replace(line, words=line.words[:at], second=" ".join(second[:share]))
    yield replace(line, words=line.words[at:], second=" ".join(second[share:]))


def _merit(words: Sequence[TimedWord], at: int) -> float:
    """How good a break before a word is: punctuation, pauses, and even halves."""
    before, after = words[at - 1], words[at]
    width, total = len(joined([word.text for word in words[:at]])), len(joined([word.text for word in words]))
    merit = 2.5 * min(width, total - width) / max(total, 1) + min(max(after.start_s - before.end_s, 0.0), 1.0)
    return merit + (0.6 if ends_sentence(before.text) else 0.4 if ends_clause(before.text) else 0.0)


def _letters(word: TimedWord) -> tuple[SungWord, ...]:
    """A long word of a script without spaces as two, with times in proportion; nothing for other scripts."""
    half = len(word.text) // 2
    if len(word.text) < 4 or not written_together(word.text[:half], word.text[half:]):
        return ()
    middle_s = word.start_s + (word.end_s - word.start_s) * half / len(word.text)
    return (
        SungWord(word.start_s, middle_s, word.text[:half]),
        SungWord(middle_s, word.end_s, word.text[half:]),
    )
