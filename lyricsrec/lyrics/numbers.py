"""Digits in a text as words, in the language of the text."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_NUMBER = re.compile(rf"{_GROUPED.pattern}(?!\d)|\d+(?:\.\d+)?")
_ENGLISH_ENDING = re.compile(r"(st|nd|rd|th)\b|'?(s)\b", re.IGNORECASE)
_MAX_DIGITS = 9
"""Longer numbers are read digit by digit."""
_FAULTY = frozenset({"am", "ce"})
"""Languages in which num2words 0.5 hangs (Amharic) or fails (Chechen)."""


def digits_to_words(text: str, code: str | None) -> str:
    """The text with its numbers in words; `code` is the two-letter code of its language.

    "21" becomes twenty-one, "1999" nineteen ninety-nine, "80s" eighties, "007" zero zero seven. Digits of a language
    that num2words does not know are left out.
    """
    pieces: list[str] = []
    position = 0
    for match in _NUMBER.finditer(text):
        if match.start() < position:
            continue
        ending = _ENGLISH_ENDING.match(text, match.end()) if code == "en" else None
        kind = "" if ending is None else "ordinal" if ending.group(1) else "plural"
        pieces += [text[position : match.start()], " ", _number(match.group(), code, kind), " "]
        position = ending.end() if ending else match.end()
    return "".join([*pieces, text[position:]])


@lru_cache(maxsize=4096)
def _number(digits: str, code: str | None, kind: str) -> str:
    """A number in words; `kind` is "ordinal", "plural" or "". Empty for a language that num2words does not know."""
    from num2words import num2words

    if code is None or code in _FAULTY:
        return ""
    bare = re.sub("[.,]", "", digits) if _GROUPED.fullmatch(digits) else digits
    whole = "." not in bare
    if len(bare) > _MAX_DIGITS + (not whole) * _MAX_DIGITS or (whole and len(bare) > 1 and bare[0] == "0"):
        return _digit_by_digit(bare, code)
    try:
        if whole and kind == "ordinal":
            return str(num2words(int(bare), to="ordinal", lang=code))
        is_year = code == "en" and digits.isdecimal() and 1100 <= int(digits) < 2100
        words = str(num2words(int(bare) if whole else Decimal(bare), to="year" if is_year else "cardinal", lang=code))
    except NotImplementedError:
        return ""
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # In some languages num2words fails for some decimals and ordinals.
        return _digit_by_digit(bare, code)
    return _plural(words) if kind == "plural" else words


def _digit_by_digit(number: str, code: str) -> str:
    return " ".join(filter(None, (_digit(digit, code) for digit in number if digit != ".")))


@lru_cache(maxsize=1024)
def _digit(digit: str, code: str) -> str:
    from num2words import num2words

    try:
        return str(num2words(int(digit), lang=code))
    except (NotImplementedError, ArithmeticError, LookupError, TypeError, ValueError):
        return ""


def _plural(words: str) -> str:
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return words + ("es" if words.endswith(("x", "s")) else "s")
