"""The one text normaliser: which words a text has, under a named profile.

`plain` is for word error rates during training and in benchmarks, `short` and `long` are the two protocols of
`lyricsrec score`; `TextNormalizer` writes text in the alphabet of a recogniser, `romanize` writes other scripts in
Latin letters. The profiles count words differently: "don't stop" has two words under `plain` and `short`, three under
`long`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from lyricsrec.lyrics.languages import LATIN, language_code, language_name
from lyricsrec.lyrics.long_form import long_form_words
from lyricsrec.lyrics.numbers import digits_to_words

ProfileName = Literal["plain", "short", "long"]

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
_REMARKS = ((re.compile(r"\[[^\]]*\]"), "]"), (re.compile(r"\([^)]*\)"), ")"), (re.compile("[♪♫]"), None))
"""Patterns of remarks, and what ends each."""
_NOT_NEWLINE = re.compile(r"[^\n]+")
_NOT_WORD = re.compile(r"[^\w']+|_")
_OUTER_APOSTROPHE = re.compile(r"(?<!\w)'+|'+(?!\w)")
_INSIDE_WORDS = re.compile(r"[~\u00ad\u200b-\u200f\u2060\ufeff]")
_ABBREVIATION = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_APOSTROPHES = re.compile(r"'{2,}")
_SMALL_KANA = re.compile(r"(?<=[sc]h)iy(?=[auo])|(?<=j)iy(?=[auo])|(?<=[kgnhbpmr])i(?=y[auo])")
_KANA = re.compile("[\u3041-\u30ff]")
_SMALL = frozenset("ゃゅょャュョ")


@dataclass(frozen=True)
class Token:
    """A word of a text: as shown, as compared, and the number of its row (blank rows are not counted)."""

    text: str
    key: str
    row: int


@dataclass(frozen=True)
class Profile:
    """A way to find the words of a text: what it does, and a function of the text and its two-letter language code."""

    description: str
    tokens: Callable[[str, str], Iterator[Token]]


def tokenize(text: str, profile: ProfileName, language: str = "en") -> tuple[Token, ...]:
    """The words of a text under a profile; `language` is a two-letter code."""
    return tuple(PROFILES[profile].tokens(text, language))


def normalized_words(text: str, profile: ProfileName, language: str = "en") -> list[str]:
    """The words of a text as a profile compares them; `language` is a two-letter code."""
    return [token.key for token in PROFILES[profile].tokens(text, language)]


@dataclass(frozen=True)
class TextNormalizer:
    """Writes text in the alphabet of a recogniser.

    `letters` are its capital letters: other Latin letters are folded to them (é to E, ß to SS, æ to AE), letters of
    other scripts are dropped. `case` is "upper" or "lower". `language` is the English name of the language in which
    numbers are written out.
    """

    letters: str = LATIN
    case: str = "upper"
    language: str | None = "english"

    def normalize(self, text: str) -> str:
        """The words of a text with single spaces between them; empty for a text without words.

        Digits become words ("21" TWENTY ONE, "1999" NINETEEN NINETY NINE, "80s" EIGHTIES, "007" ZERO ZERO SEVEN).
        Hyphens and dashes separate words; abbreviations and melisma marks ("B.Y.O.B.", "cra~zy") do not.
        """
        return _normalized(text, self)


def _plain(text: str, _language: str) -> Iterator[Token]:
    """Folds typographic apostrophes, separates at hyphens, keeps accents and digits, and drops bracketed remarks."""
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    folded = _without_remarks(folded).lower()
    for number, row in enumerate(_filled_rows(folded)):
        for word in _OUTER_APOSTROPHE.sub(" ", _NOT_WORD.sub(" ", row)).split():
            yield Token(word, word, number)


def _without_remarks(text: str) -> str:
    """A text with spaces in place of remarks in brackets; its rows are kept."""
    for pattern, end in _REMARKS:
        # Brackets that never close would be searched to the end of the text again and again.
        stop = len(text) if end is None else text.rfind(end) + 1
        text = pattern.sub(lambda match: _NOT_NEWLINE.sub(" ", match.group()), text[:stop]) + text[stop:]
    return text


def _short(text: str, language: str) -> Iterator[Token]:
    normalizer = TextNormalizer(language=language_name(language))
    for number, row in enumerate(_filled_rows(text)):
        for word in normalizer.normalize(row).split():
            yield Token(word, word, number)


def _long(text: str, language: str) -> Iterator[Token]:
    return (Token(word, word.lower(), number) for word, number in long_form_words(text, language))


PROFILES: dict[ProfileName, Profile] = {
    "plain": Profile("lower case, no punctuation or bracketed remarks, contractions are one word", _plain),
    "short": Profile("upper case, A-Z and apostrophe, digits in words (Ou et al. 2022)", _short),
    "long": Profile("alt-eval's words, case ignored (Jam-ALT)", _long),
}


def _filled_rows(text: str) -> Iterator[str]:
    return (row for row in text.split("\n") if row.strip())


@lru_cache(maxsize=1 << 15)
def _normalized(text: str, normalizer: TextNormalizer) -> str:
    folded = _INSIDE_WORDS.sub("", unicodedata.normalize("NFC", text)).translate(_QUOTES)
    folded = _ABBREVIATION.sub(lambda match: match.group().replace(".", ""), folded)
    # Codes of languages take half a second to load, and few lines have digits.
    if any(c.isdigit() for c in folded):
        folded = digits_to_words(folded, language_code(normalizer.language))
    letters = "".join(_letter(c, normalizer.letters) for c in folded)
    words = [_unquoted(word) for word in _APOSTROPHES.sub(" ", letters).split() if word.strip("'")]
    joined = " ".join(words)
    return joined.lower() if normalizer.case == "lower" else joined


def _unquoted(word: str) -> str:
    """A word without apostrophes on both sides, which are quotation marks; a single one stands for letters."""
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


def romanize(text: str, letters: str = LATIN, *, japanese: bool = False) -> str:
    """A text with the letters of other scripts replaced by Latin ones; `letters`, capital ones, are kept.

    Characters are replaced one by one (anyascii): Korean and Chinese by syllables, kana by their readings, and scripts
    that write no vowels without them. Kanji get the Chinese reading, unless the text is `japanese` and the extra
    `japanese` is installed: then it is read word by word.
    """
    if text.isascii():
        return text
    from anyascii import anyascii

    written = []
    for run in re.split(r"(\s+)", unicodedata.normalize("NFC", text)):
        if not any(_is_other(c, letters) for c in run):
            written.append(run)
            continue
        read = _read_japanese(run) if japanese else run
        latin = anyascii(read).lower()
        written.append(_SMALL_KANA.sub("", latin) if _SMALL & set(read) else latin)
    return "".join(written)


def has_kana(text: str) -> bool:
    """Whether a text is Japanese by its letters."""
    return _KANA.search(text) is not None


def _read_japanese(text: str) -> str:
    """Words as they are spoken, in kana with spaces between them; the text itself without the extra `japanese`."""
    tagger = _tagger()
    if tagger is None:
        return text
    words = ((word.surface, getattr(word.feature, "pron", None)) for word in tagger(text))
    return " ".join(spoken if spoken and spoken != "*" else surface for surface, spoken in words)


@lru_cache(maxsize=1)
def _tagger() -> Any:
    """MeCab with UniDic; None where they are not installed."""
    try:
        from fugashi import Tagger

        return Tagger()
    except (ImportError, RuntimeError):
        return None


def _is_other(character: str, letters: str) -> bool:
    """Whether a character is a letter of another script, and none of `letters`."""
    if not character.isalpha() or all(c in letters for c in character.upper()):
        return False
    return not unicodedata.name(character, "").startswith(("LATIN", "FEMININE", "MASCULINE", "MICRO"))
