"""How similar the lines of a song are to each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

_WORD = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")
_UNRELATED = 0.5
"""Share of equal letters that unrelated lines have."""
_RHYME_LETTERS = 4


def bare(text: str) -> str:
    """The words of a line in lower case, without punctuation."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)))


def similarities(texts: Sequence[str]) -> Values:
    """(lines, lines): 1 for equal lines, 0 for those that share up to half of their letters, and 0 on the diagonal.

    The letters are compared by the normalised indel distance, so that lines which were recognised with different errors
    are still similar.
    """
    from rapidfuzz import fuzz, process

    ratios = process.cdist(texts, texts, scorer=fuzz.ratio, dtype=np.float32) / 100.0
    found: Values = np.clip((ratios.astype(np.float64) - _UNRELATED) / (1 - _UNRELATED), 0.0, 1.0)
    empty = np.array([not text for text in texts], bool)
    found[empty, :] = found[:, empty] = 0.0
    np.fill_diagonal(found, 0.0)
    return found


def rhyme(first: str, second: str) -> float:
    """The share of the last four letters, from the end, in which two bare lines agree."""
    a, b = (text.replace(" ", "")[-_RHYME_LETTERS:][::-1] for text in (first, second))
    equal = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return equal / _RHYME_LETTERS
