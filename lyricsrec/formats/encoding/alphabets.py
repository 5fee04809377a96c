"""Whether decoded text looks like a language: letters of one alphabet, in words, in plausible case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import regex

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"

ALPHABETS: dict[str, str] = {
    "catalan": "àçéèíïóòúü·",
    "czech": "áčďéěíňóřšťúůýž",
    "danish, norwegian": "æøåéóôò",
    "dutch": "ëïéóöüèêç",
    "estonian": "äöõüšž",
    "french": "àâæçéèêëîïôœùûüÿ",
    "german": "äöüßé",
    "hungarian": "áéíóöőúüű",
    "icelandic": "áðéíóúýþæö",
    "italian": "àèéìíîòóùú",
    "latvian": "āčēģīķļņšūž",
    "lithuanian": "ąčęėįšųūž",
    "polish": "ąćęłńóśźż",
    "portuguese": "áàâãçéêíóôõúü",
    "romanian": "ăâîşţșț",
    "slavic of the south": "čćđšž",
    "slovak": "áäčďéíĺľňóôŕšťúýž",
    "spanish": "áéíñóúü",
    "swedish, finnish": "äöåé",
    "turkish": "çğıöşüâîû",
    "vietnamese": "ăâđêôơưáàéèíìóòúùý",
    "belarusian": "абвгдежзійклмнопрстуўфхцчшыьэюяё",
    "bulgarian": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "macedonian": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "russian": f"{_CYRILLIC}ё",
    "serbian": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "ukrainian": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "greek": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
}
"""Letters beyond A to Z of languages that 8-bit encodings were made for, in lower case."""

_SCRIPTS = ("HEBREW", "ARABIC", "THAI")
"""Alphabets that one language has by itself among the 8-bit encodings: any letters of one script."""
_LETTER = r"\p{L}"
_WORD = regex.compile(rf"{_LETTER}+")
_BETWEEN = r"\p{L}\p{M}\p{N}\p{Pd}\s’‘'´`·.,;:!?…/&@+*()\"“”־"
# A symbol inside a word, or one that no word has at its end or beginning: "br˚le", "noc¹", "ju¿", "³ód".
_ODD = regex.compile(rf"{_LETTER}[^{_BETWEEN}]{_LETTER}|{_LETTER}[¿¡¹³¼½¾±§¶¬¦¥¤„‚‹›‰€]|[¹³¼½¾±§¶¬¦¥¤]{_LETTER}")
_KANA_AND_HANGUL = (("\u3000", "\u30ff"), ("\uac00", "\ud7a3"), ("\uff01", "\uff5e"))
_COMMON_HAN = (("gb2312", b"\xb0", b"\xd7"), ("big5", b"\xa4", b"\xc6"), ("euc_jp", b"\xb0", b"\xcf"))
"""First bytes of the common characters of each national standard."""
_STRANGE = frozenset({"Cc", "Cn", "Co", "Cs"})
STRANGE = 20
"""Oddities of a text that has characters which no text has."""
_DRAWN = regex.compile("[\u2500-\u259f\u2320\u2321\u00a4\u00a6]")


def oddities(text: str) -> int:
    """How much speaks against a decoding; 0 for text whose letters and case are those of one language."""
    letters = {c for c in text if not c.isascii() and (c.isalpha() or unicodedata.category(c).startswith("M"))}
    strange = sum(unicodedata.category(c) in _STRANGE and c not in "\t\r\n\f" for c in set(text))
    found = STRANGE * strange + 5 * len(_DRAWN.findall(text)) + 3 * len(_ODD.findall(text))
    found += sum(_case_is_odd(word) for word in _WORD.findall(text) if not word.isascii())
    found += sum(_is_inverted(row) for row in text.splitlines() if not row.isascii())
    east = {c for c in letters if c >= "\u2e80"}
    found += 5 * sum(not _is_common(c) for c in east)
    return found if not letters - east or fits_a_language(letters - east) else found + 10


def fits_a_language(letters: set[str]) -> bool:
    """Whether letters beyond A to Z are those of one language."""
    lower = {c for c in "".join(letters).lower() if not c.isascii()} - set("ªº")
    if not lower or any(lower <= alphabet for alphabet in _alphabets()):
        return True
    return any(all(unicodedata.name(c, "").startswith(script) for c in lower) for script in _SCRIPTS)


@lru_cache(maxsize=1)
def _alphabets() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(f"{letters}i̇") for letters in ALPHABETS.values())


@lru_cache(maxsize=1 << 14)
def _is_common(c: str) -> bool:
    """Whether a character of East Asia is among those that its national standards list as common."""
    if any(low <= c <= high for low, high in _KANA_AND_HANGUL):
        return True
    return any(low <= c.encode(name, "ignore")[:1] <= high for name, low, high in _COMMON_HAN)


def _case_is_odd(word: str) -> int:
    """1 for a capital behind a small letter ("лУНА"), or Latin letters beside others in a word."""
    capital = any(a.islower() and b.isupper() for a, b in _pairs(word))
    scripts = {unicodedata.name(c, "?").split()[0] for c in word}
    return int(capital) + int(len(scripts) > 1 and "LATIN" in scripts)


def _is_inverted(row: str) -> bool:
    """Whether a row begins with a small letter and goes on in capitals, as those of KOI8-R do in cp1251."""
    letters = [c for c in row if c.isalpha() and not c.isascii()]
    return bool(letters) and letters[0].islower() and 2 * sum(c.isupper() for c in letters) > len(letters)


def _pairs(word: str) -> Iterator[tuple[str, str]]:
    return pairwise(word)
