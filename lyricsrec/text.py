"""Text rules that transcription, language models and scoring share."""

from __future__ import annotations

import re
import unicodedata

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
_TAG = re.compile(r"\[[^\]]*\]|\([^)]*\)|[♪♫]")
_NOT_WORD = re.compile(r"[^\w']+|_")
_ABBREVIATIONS = frozenset(["mr.", "mrs.", "ms.", "dr.", "st.", "jr.", "sr.", "vs."])
_OUTER_APOSTROPHE = re.compile(r"(?<!\w)'+|'+(?!\w)")


def fold_quotes(text: str) -> str:
    """Typographic apostrophes and accents standing for them become straight ones."""
    return text.translate(_QUOTES)


def plain_words(text: str) -> list[str]:
    """Words as word error rates compare them: lower case, no punctuation but apostrophes inside words.

    Typographic apostrophes are folded, hyphens separate words, accents and digits stay, and remarks in brackets
    ("[Music]", "(laughs)") are no words.
    """
    folded = _TAG.sub(" ", fold_quotes(unicodedata.normalize("NFKC", text))).lower()
    return _OUTER_APOSTROPHE.sub(" ", _NOT_WORD.sub(" ", folded)).split()


def ends_sentence(word: str) -> bool:
    """Whether a word closes a sentence by its punctuation."""
    bare = word.rstrip("\"'”’)]")
    return bare.endswith((".", "!", "?", "…", "。", "！", "？")) and bare.lower() not in _ABBREVIATIONS


def ends_clause(word: str) -> bool:
    """Whether a word is followed by a comma or the like."""
    return word.rstrip("\"'”’)]").endswith((",", ";", ":", "—", "–", "，", "、"))
