"""Words that a format would not read as the lyrics that they are, such as "[oh]" or "x2", written so that it does.

They get a mark: an invisible character (U+034F, combining grapheme joiner) that breaks up what looks like a remark, a
tag or a heading. `read` takes the marks out again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MARK = "\u034f"
_PLACES = re.compile(r"(?<=^.)|(?<=[&<\[{\\-])")


def marked(text: str) -> str:
    """A word with marks after its first character, and after brackets, hyphens and the like."""
    return _PLACES.sub(MARK, text)


def unmarked(text: str) -> str:
    """A text without marks."""
    return text.replace(MARK, "")


def readable(
    texts: Sequence[str], write: Callable[[Sequence[str]], str], read: Callable[[str], Sequence[str]]
) -> list[str]:
    """The words of a row, with as few marks as needed to read them back: none, those of single words, or all."""

    def is_read_back(words: Sequence[str], candidate: Sequence[str]) -> bool:
        return [unmarked(text) for text in read(write(candidate))] == [unmarked(text) for text in words]

    if is_read_back(texts, texts):
        return list(texts)
    few = [text if is_read_back([text], [text]) else marked(text) for text in texts]
    return few if is_read_back(texts, few) else [marked(text) for text in texts]
