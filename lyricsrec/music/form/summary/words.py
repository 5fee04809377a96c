"""What the words of lyrics are about: key words, themes, explicit words, and the language if it is not known."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[3] / "data" / "words"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LEAST_FUNCTION_WORDS = 0.15
"""Share of function words below which a language is not guessed."""
_SHORTEST = 3
_LEAST_OF_THEME, _SHARE_OF_THEME = 2, 0.01


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, with plain apostrophes."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


@cache
def _lists(name: str) -> Mapping[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return document


@cache
def function_words(language: str | None) -> frozenset[str]:
    """The function words of a language, given by its two-letter code; none for one without a list."""
    return _listed(_lists("function"), language)


def _listed(by_language: Mapping[str, str], language: str | None) -> frozenset[str]:
    return frozenset(by_language.get(language or "", "").lower().split())


def guess_language(words: Sequence[str]) -> str | None:
    """The code of the language with the most function words among the words; None where there are few of any."""
    counts = {language: sum(word in function_words(language) for word in words) for language in _lists("function")}
    best = max(counts, key=counts.__getitem__)
    return best if words and counts[best] >= _LEAST_FUNCTION_WORDS * len(words) else None


def key_words(lines: Sequence[str], language: str | None, number: int) -> tuple[str, ...]:
    """The words that many lines have, weighted by their length; no function words."""
    common = function_words(language)
    in_lines = Counter(word for line in lines for word in set(words_of(line)))
    weights = {
        word: count * math.sqrt(len(word))
        for word, count in in_lines.items()
        if word not in common and word.split("'")[-1] not in common and len(word) >= _SHORTEST and count > 1
    }
    return tuple(sorted(weights, key=lambda word: (-weights[word], word))[:number])


def themes_of(words: Sequence[str], language: str | None) -> tuple[str, ...]:
    """The themes with at least two different words and one word of a hundred, the most frequent first."""
    found: dict[str, int] = {}
    for theme, by_language in _lists("themes").items():
        listed = _listed(by_language, language)
        hits = [word for word in words if word in listed]
        if len(set(hits)) >= _LEAST_OF_THEME and len(hits) >= _SHARE_OF_THEME * len(words):
            found[theme] = len(hits)
    return tuple(sorted(found, key=lambda theme: (-found[theme], theme)))


def explicit_words(words: Sequence[str], language: str | None) -> tuple[str, ...]:
    """The explicit words of the language and of English, in the order of their first use.

    Of a language without a list, or an unknown one, those of all languages.
    """
    lists = _lists("explicit")
    languages = [language, "en"] if language in lists else list(lists)
    listed = frozenset[str]().union(*(_listed(lists, each) for each in languages))
    return tuple(dict.fromkeys(word for word in words if word in listed))
