"""The two protocols: how a text becomes the words that are compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import regex

from lyricsrec.languages import language_name
from lyricsrec.lyrics import Spelling
from lyricsrec.scoring.figures import Protocol

if TYPE_CHECKING:
    from alt_eval.tokenizer import LyricsTokenizer

DESCRIPTIONS: dict[Protocol, str] = {
    "short": "upper case, A-Z and apostrophe, digits in words (Ou et al. 2022)",
    "long": "alt-eval's words, case ignored (Jam-ALT)",
}
_KEPT = regex.compile(r"[\w\p{P}]")


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
    from alt_eval.tokenizer import LINE, SECT, tokens_as_words

    filled = (row for row in text.split("\n") if row.strip())
    # alt-eval leaves out rows of nothing but symbols.
    numbers = (number for number, row in enumerate(filled) if _KEPT.search(row))
    parts = groupby(rich_tokens(text, language), lambda token: bool(token.tags & {LINE, SECT}))
    rows = zip(numbers, (list(tokens) for is_break, tokens in parts if not is_break), strict=True)
    return tuple(
        Token(token.text, token.text.lower(), number) for number, row in rows for token in tokens_as_words(row)
    )


def _short(text: str, language: str) -> tuple[Token, ...]:
    spelling = Spelling(language=language_name(language))
    rows = (row for row in text.split("\n") if row.strip())
    return tuple(Token(word, word, number) for number, row in enumerate(rows) for word in spelling.spell(row).split())


@lru_cache(maxsize=1)
def _tokenizer() -> LyricsTokenizer:
    from alt_eval.tokenizer import LyricsTokenizer

    return LyricsTokenizer()
