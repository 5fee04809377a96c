"""Lines as karaoke shows them: every word with its times, translations beside them, none wider than the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from lyricsrec.formats.timed_text import joined, written_together
from lyricsrec.lyrics.lines import ends_clause, ends_sentence
from lyricsrec.lyrics.retiming import TimedWord, timed_lines
from lyricsrec.lyrics.transcript import Line, Transcript

Fits = Callable[[Sequence[str]], bool]
"""Whether words fit into a line."""


@dataclass(frozen=True)
class ShownLine:
    """Words that are shown in a line; `second` is the translation or romanised text below them."""

    words: tuple[TimedWord, ...]
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

    A line with the role of a translation belongs to the sung line before it.
    """
    placed = [line for line in transcript.lines if line.start_s is not None and line.end_s is not None]
    found: list[ShownLine] = []
    for line, timed in zip(placed, timed_lines(replace(transcript, lines=tuple(placed))), strict=True):
        if not line.is_sung and found:
            if not found[-1].second:
                found[-1] = replace(found[-1], second=line.text)
        elif words := _in_order(timed.words):
            found.append(ShownLine(words, singers=line.singers, is_backing=line.role == "backing"))
    split = [part for line in found for part in _fitting(line, fits)]
    return sorted(split, key=lambda line: line.start_s)


def has_word_times(lines: Sequence[Line]) -> bool:
    """Whether lines have times for their words, rather than for themselves only."""
    sung = [line for line in lines if line.is_sung and line.start_s is not None]
    longer = [line for line in sung if len(line.words) > 1]
    return bool(sung) and all(any(word.start_s is not None for word in line.words[1:]) for line in longer)


def _in_order(words: Sequence[TimedWord]) -> tuple[TimedWord, ...]:
    """Words of which none begins before the one before it, or ends before it begins."""
    found: list[TimedWord] = []
    for word in words:
        start_s = max(word.start_s, found[-1].start_s if found else 0.0)
        found.append(TimedWord(start_s, max(word.end_s, start_s), word.text))
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


def _letters(word: TimedWord) -> tuple[TimedWord, ...]:
    """A long word of a script without spaces as two, with times in proportion; nothing for other scripts."""
    half = len(word.text) // 2
    if len(word.text) < 4 or not written_together(word.text[:half], word.text[half:]):
        return ()
    middle_s = word.start_s + (word.end_s - word.start_s) * half / len(word.text)
    return (
        TimedWord(word.start_s, middle_s, word.text[:half]),
        TimedWord(middle_s, word.end_s, word.text[half:]),
    )
