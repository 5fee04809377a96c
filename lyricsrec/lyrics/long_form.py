"""alt-eval's tokens, the words of the Jam-ALT benchmark: contractions are split ("don't" is "don" and "'t").

Cífka et al., "Lyrics Transcription for Humans: A Readability-Aware Benchmark", ISMIR 2024.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import regex

if TYPE_CHECKING:
    from alt_eval.tokenizer import LyricsTokenizer

_KEPT = regex.compile(r"[\w\p{P}]")
_TOKEN = regex.compile(r"\S+")
# The same rule as alt-eval's tokens_as_words, which copies every token.
_NOT_OF_WORDS = regex.compile(r"[^\w']")


@lru_cache(maxsize=1024)
def rich_tokens(text: str, language: str) -> tuple[Any, ...]:
    """alt-eval's tokens of a text: words, punctuation, parentheses, line and section breaks.

    `language` is a two-letter code.
    """
    return tuple(_tokenizer()(text, language=language))


def long_form_words(text: str, language: str) -> Iterator[tuple[str, int]]:
    """The words of a text in their own case, each with the number of its row; blank rows are not counted."""
    from alt_eval.tokenizer import LINE, SECT, WORD

    filled = (row for row in text.split("\n") if row.strip())
    # alt-eval leaves out rows that hold nothing but symbols.
    numbers = (number for number, row in enumerate(filled) if _KEPT.search(row))
    parts = groupby(rich_tokens(text, language), lambda token: bool(token.tags & {LINE, SECT}))
    rows = zip(numbers, (list(tokens) for is_break, tokens in parts if not is_break), strict=True)
    return ((_NOT_OF_WORDS.sub("", token.text), number) for number, row in rows for token in row if WORD in token.tags)


@lru_cache(maxsize=1)
def _tokenizer() -> LyricsTokenizer:
    from alt_eval.tokenizer import LyricsTokenizer

    tokenizer = LyricsTokenizer()
    # alt-eval tests each letter for 160 scripts to find where two scripts meet: most of the time that scoring takes.
    boundaries: Any = _WordByWord(tokenizer._different_scripts_re)
    tokenizer._different_scripts_re = boundaries
    # Choruses repeat, and systems often agree on a line.
    lines: Any = lru_cache(maxsize=1 << 14)(tokenizer._tokenize_moses)
    tokenizer._tokenize_moses = lines
    return tokenizer


class _WordByWord:
    """A pattern that matches between two non-space characters, searched once in each distinct word."""

    def __init__(self, pattern: regex.Pattern[str]) -> None:
        self._changed = lru_cache(maxsize=1 << 16)(pattern.sub)

    def sub(self, by: str, text: str) -> str:
        """The text with `by` wherever the pattern matches."""

        def changed(token: regex.Match[str]) -> str:
            word = str(token.group())
            return word if word.isascii() else self._changed(by, word)

        return str(_TOKEN.sub(changed, text))
