"""Words as the symbols of a recogniser's vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lyricsrec.decoding.ctc_path import WORD_MARK
from lyricsrec.decoding.emission import Vocabulary
from lyricsrec.lyrics.languages import LATIN
from lyricsrec.lyrics.normalise import TextNormalizer
from lyricsrec.lyrics.transcript import Line

Symbols = tuple[int, ...]
"""What a stretch without a pause is spelled with, by index."""


@dataclass(frozen=True)
class SpelledWord:
    """A word to be found: `parts` spell it ("99": NINETY, NINE), `line` and `word` say which one it is."""

    line: int
    word: int
    parts: tuple[Symbols, ...]

    @property
    def num_symbols(self) -> int:
        """How many symbols it is spelled with."""
        return sum(len(part) for part in self.parts)


@dataclass(frozen=True)
class SpelledLine:
    """The words of a line that have letters, at least one."""

    words: tuple[SpelledWord, ...]

    @property
    def line(self) -> int:
        """Which line of the lyrics it is."""
        return self.words[0].line

    @property
    def num_symbols(self) -> int:
        """How many symbols it is spelled with."""
        return sum(word.num_symbols for word in self.words)


def spell_lines(lines: Sequence[Line], vocabulary: Vocabulary, language: str | None) -> list[SpelledLine]:
    """The lines that have letters of the vocabulary in them, digits spelled out in a language."""
    letters = set(vocabulary.letters)
    symbols = {label: i for i, label in enumerate(vocabulary.labels) if label in letters}
    normalizer = _spelling(vocabulary, language)
    spelled = []
    for number, line in enumerate(lines):
        words = []
        for i, word in enumerate(line.words):
            parts = (_symbols(part, symbols, vocabulary) for part in normalizer.normalize(word.text).split())
            if found := tuple(part for part in parts if part):
                words.append(SpelledWord(number, i, found))
        if words:
            spelled.append(SpelledLine(tuple(words)))
    return spelled


def _spelling(vocabulary: Vocabulary, language: str | None) -> TextNormalizer:
    """How lyrics are written for a vocabulary: its letters, in its case."""
    letters = {c for label in vocabulary.letters for c in label.lstrip(WORD_MARK).upper() if c.isalpha()}
    case = "upper" if vocabulary.upper_case else "lower"
    return TextNormalizer("".join(sorted(letters)) or LATIN, case, language)


def _symbols(word: str, symbols: dict[str, int], vocabulary: Vocabulary) -> Symbols:
    """The longest symbols that spell a word, from its beginning; letters that none begins with are left out."""
    begin = WORD_MARK if vocabulary.space is None else ""
    rest, found = begin + word, []
    longest = max(map(len, symbols), default=0)
    while rest:
        length = next((n for n in range(min(longest, len(rest)), 0, -1) if rest[:n] in symbols), 0)
        if length:
            found.append(symbols[rest[:length]])
        rest = rest[max(length, 1) :]
    return tuple(found)
