"""Text rules that transcription, language models and scoring share."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from lyricsrec.lyrics.languages import LATIN, language_code

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


_INSIDE_WORDS = re.compile(r"[~\u00ad\u200b-\u200f\u2060\ufeff]")

_ABBREVIATION = re.compile(r"\b(?:[^\W\d_]\.){2,}")

_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")

_NUMBER = re.compile(rf"{_GROUPED.pattern}(?!\d)|\d+(?:\.\d+)?")

_ENGLISH_ENDING = re.compile(r"(st|nd|rd|th)\b|'?(s)\b", re.IGNORECASE)

_APOSTROPHES = re.compile(r"'{2,}")

_LONGEST_NUMBER = 9


@dataclass(frozen=True)
class TextNormalizer:
    """How lyrics are written for a recogniser.

    `letters` are the capital letters it knows; others of the Latin script are folded to them (é to E, ß to SS, æ to
    AE), those of other scripts left out. `case` is "upper" or "lower". `language` (its English name) says in which
    language digits are spelled out.
    """

    letters: str = LATIN
    case: str = "upper"
    language: str | None = "english"

    def normalize(self, text: str) -> str:
        """The words of a text with single spaces between them; empty when nothing of it is sung.

        Digits become words ("21" TWENTY ONE, "1999" NINETEEN NINETY NINE, "80s" EIGHTIES, "007" ZERO ZERO SEVEN);
        hyphens and dashes separate words, abbreviations and melisma marks ("B.Y.O.B.", "cra~zy") do not.
        """
        return _spell(text, self)


@lru_cache(maxsize=1 << 15)
def _spell(text: str, normalizer: TextNormalizer) -> str:
    folded = fold_quotes(_INSIDE_WORDS.sub("", unicodedata.normalize("NFC", text)))
    folded = _ABBREVIATION.sub(lambda match: match.group().replace(".", ""), folded)
    spelled = "".join(_letter(c, normalizer.letters) for c in _spell_digits(folded, language_code(normalizer.language)))
    words = [_unquoted(word) for word in _APOSTROPHES.sub(" ", spelled).split() if word.strip("'")]
    joined = " ".join(words)
    return joined.lower() if normalizer.case == "lower" else joined


def _unquoted(word: str) -> str:
    """A word without apostrophes on both sides: those are quotation marks, one alone stands for letters."""
    return word[1:-1] if len(word) > 2 and word[0] == word[-1] == "'" else word


@lru_cache(maxsize=4096)
def _letter(character: str, letters: str) -> str:
    """What one character becomes: letters of the alphabet, an apostrophe, a space, or nothing."""
    if character == "'":
        return character
    capital = character.upper()
    if all(c in letters for c in capital):
        return capital
    if unicodedata.name(character, "").startswith("LATIN"):
        from anyascii import anyascii

        return "".join(c for c in anyascii(character).upper() if c in letters)
    if character.isalpha() or unicodedata.category(character).startswith("M"):
        return ""
    return " "


def _spell_digits(text: str, code: str | None) -> str:
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
    """A number in words ("ordinal", "plural" or plain); empty in a language whose numbers nobody taught us."""
    from num2words import num2words

    if code is None:
        return ""
    bare = re.sub("[.,]", "", digits) if _GROUPED.fullmatch(digits) else digits
    whole = "." not in bare
    try:
        if whole and (len(bare) > _LONGEST_NUMBER or (len(bare) > 1 and bare[0] == "0")):
            return " ".join(num2words(int(digit), lang=code) for digit in bare)
        if whole and kind == "ordinal":
            return str(num2words(int(bare), to="ordinal", lang=code))
        is_year = code == "en" and digits.isdecimal() and 1100 <= int(digits) < 2100
        words = str(num2words(int(bare) if whole else Decimal(bare), to="year" if is_year else "cardinal", lang=code))
    except NotImplementedError:
        return ""
    return _plural(words) if kind == "plural" else words


def _plural(words: str) -> str:
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return words + ("es" if words.endswith(("x", "s")) else "s")
