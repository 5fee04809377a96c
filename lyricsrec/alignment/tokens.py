"""Words of the lyrics as tokens of a recogniser's vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from lyricsrec.decoding.emission import WORD_MARK, Vocabulary
from lyricsrec.lyrics.languages import LATIN
from lyricsrec.lyrics.normalise import TextNormalizer, has_kana, romanize
from lyricsrec.lyrics.transcript import Line

Tokens = tuple[int, ...]
"""Indices of the vocabulary's symbols, with no pause between them."""


@dataclass(frozen=True)
class TokenizedWord:
    """A word to align, number `word` of line number `line`; "99" has two `parts`, NINETY and NINE.

    `romanized` says whether it is written in other letters than those of the vocabulary.
    """

    line: int
    word: int
    parts: tuple[Tokens, ...]
    _: KW_ONLY
    romanized: bool = False

    @property
    def num_tokens(self) -> int:
        """Number of tokens."""
        return sum(len(part) for part in self.parts)


@dataclass(frozen=True)
class TokenizedLine:
    """The words of a line that have tokens, at least one."""

    words: tuple[TokenizedWord, ...]

    @property
    def line(self) -> int:
        """Number of the line in the lyrics."""
        return self.words[0].line

    @property
    def num_tokens(self) -> int:
        """Number of tokens."""
        return sum(word.num_tokens for word in self.words)

    @property
    def romanized(self) -> bool:
        """Whether all of its words are romanised."""
        return all(word.romanized for word in self.words)


def tokenize_lines(lines: Sequence[Line], vocabulary: Vocabulary, language: str | None) -> list[TokenizedLine]:
    """The lines with letters in them; digits are written out in `language`.

    Letters of scripts that the vocabulary lacks are romanised where it has Latin letters; other lines that have no
    letters of the vocabulary are left out.
    """
    normalizer = _normalizer(vocabulary, language)
    is_latin = "A" in normalizer.letters
    japanese = any(has_kana(line.text) for line in lines)
    tokenized = []
    for number, line in enumerate(lines):
        words = []
        for i, word in enumerate(line.words):
            text = romanize(word.text, normalizer.letters, japanese=japanese) if is_latin else word.text
            parts = (vocabulary.symbols_of(part) for part in normalizer.normalize(text).split())
            if known := tuple(part for part in parts if part):
                words.append(TokenizedWord(number, i, known, romanized=text != word.text))
        if words:
            tokenized.append(TokenizedLine(tuple(words)))
    return tokenized


def _normalizer(vocabulary: Vocabulary, language: str | None) -> TextNormalizer:
    """Reduces lyrics to the letters and the case of a vocabulary."""
    texts = vocabulary.letters if vocabulary.pronunciations is None else vocabulary.pronunciations
    letters = {c for text in texts for c in text.lstrip(WORD_MARK).upper() if c.isalpha()}
    case = "upper" if vocabulary.upper_case else "lower"
    return TextNormalizer("".join(sorted(letters)) or LATIN, case, language)
