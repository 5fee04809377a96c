"""The two protocols: how a text becomes the words that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import regex

from lyricsrec.lyrics.languages import language_name
from lyricsrec.lyrics.normalise import TextNormalizer
from lyricsrec.scoring.results import Protocol

if TYPE_CHECKING:
    from alt_eval.tokenizer import LyricsTokenizer

DESCRIPTIONS: dict[Protocol, str] = {
    "short": "upper case, A-Z and apostrophe, digits in words (Ou et al. 2022)",
    "long": "alt-eval's words, case ignored (Jam-ALT)",
}
_KEPT = regex.compile(r"[\w\p{P}]")
_NOT_ASCII = regex.compile(r"\S*[^\s\p{ASCII}]\S*")
# As alt-eval's tokens_as_words has it, which copies every token for it.
_NOT_OF_WORDS = regex.compile(r"[^\w']")


@dataclass(frozen=True)
class Token:
    """A word of a text: as it is shown, as it is compared, and the number of its row."""

    text: str
    key: str
    row: int


def words_of(text: str, protocol: Protocol, language: str) -> tuple[Token, ...]:
    """The words of a text under a protocol; `language` is a two-letter code. Blank rows have no number."""
    return _long(text, language) if protocol == "long" else _short(text, language)


@lru_cache(maxsize=1024)
def rich_tokens(text: str, language: str) -> tuple[Any, ...]:
    """alt-eval's tokens of a text: words, punctuation, parentheses, line and section breaks."""
    return tuple(_tokenizer()(text, language=language))


def _long(text: str, language: str) -> tuple[Token, ...]:
    from alt_eval.tokenizer import LINE, SECT, WORD

    filled = (row for row in text.split("\n") if row.strip())
    # alt-eval leaves out rows of nothing but symbols.
    numbers = (number for number, row in enumerate(filled) if _KEPT.search(row))
    parts = groupby(rich_tokens(text, language), lambda token: bool(token.tags & {LINE, SECT}))
    rows = zip(numbers, (list(tokens) for is_break, tokens in parts if not is_break), strict=True)
    words = ((_NOT_OF_WORDS.sub("", token.text), number) for number, row in rows for token in row if WORD in token.tags)
    return tuple(Token(word, word.lower(), number) for word, number in words)


def _short(text: str, language: str) -> tuple[Token, ...]:
    normalizer = TextNormalizer(language=language_name(language))
    rows = (row for row in text.split("\n") if row.strip())
    return tuple(
        Token(word, word, number) for number, row in enumerate(rows) for word in normalizer.normalize(row).split()
    )


@lru_cache(maxsize=1)
def _tokenizer() -> LyricsTokenizer:
    from alt_eval.tokenizer import LyricsTokenizer

    tokenizer = LyricsTokenizer()
    # Where two scripts meet, it looks for each of 160 scripts at each letter: most of the time that scoring takes.
    boundaries: Any = _WordByWord(tokenizer._different_scripts_re)
    tokenizer._different_scripts_re = boundaries
    # Choruses come again, and so does what several systems hear alike.
    lines: Any = lru_cache(maxsize=1 << 14)(tokenizer._tokenize_moses)
    tokenizer._tokenize_moses = lines
    return tokenizer


class _WordByWord:
    """A pattern of what stands between two characters that are no space, sought in each word once."""

    def __init__(self, pattern: regex.Pattern[str]) -> None:
        self._changed = lru_cache(maxsize=1 << 16)(pattern.sub)

    def sub(self, by: str, text: str) -> str:
        """The text with `by` wherever the pattern matches."""
        return str(_NOT_ASCII.sub(lambda word: self._changed(by, word.group()), text))
