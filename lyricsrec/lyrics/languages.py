"""Names of languages, as data sets and karaoke files give them, and the code and alphabet of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_ENGLISH_NAMES = {
    "anglais": "english",
    "castellano": "spanish",
    "deutsch": "german",
    "englisch": "english",
    "español": "spanish",
    "français": "french",
    "französisch": "french",
    "inglés": "english",
    "italiano": "italian",
    "nederlands": "dutch",
    "polski": "polish",
    "português": "portuguese",
    "spanisch": "spanish",
}
"""Labels of karaoke files and data sets that ISO 639 does not list."""

_OWN_NAMES = {"modern greek": "greek", "slovenian": "slovene"}
"""Languages that have another name here than in ISO 639."""

ALPHABETS = {
    "english": LATIN,
    "danish": LATIN + "ÆØÅ",
    "finnish": LATIN + "ÄÖÅ",
    "french": LATIN + "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ",
    "german": LATIN + "ÄÖÜ",
    "italian": LATIN + "ÀÈÉÌÒÙ",
    "norwegian": LATIN + "ÆØÅ",
    "polish": LATIN + "ĄĆĘŁŃÓŚŹŻ",
    "portuguese": LATIN + "ÁÀÂÃÇÉÊÍÓÔÕÚ",
    "spanish": LATIN + "ÁÉÍÑÓÚÜ",
    "swedish": LATIN + "ÅÄÖ",
}
"""Capital letters of a recogniser's alphabet by language; ß is written SS."""


def language_name(label: str | None) -> str | None:
    """The English name, in lower case, of a language given by name or ISO 639 code ("Englisch", "en", "ENGLISH").

    The first of several that are separated by commas; an unknown label is returned in lower case, an empty one as None.
    """
    first = (label or "").replace(";", ",").split(",")[0].strip().lower()
    if first in ("", "none", "unknown"):
        return None
    if first in ALPHABETS:
        return first
    return _ENGLISH_NAMES.get(first) or _iso().names.get(first, first)


def language_code(name: str | None) -> str | None:
    """The two-letter code of a language's English name; None if it has none."""
    return _iso().codes.get(name or "")


def language_code_of_3(label: str | None) -> str | None:
    """The ISO 639-2 code ("ger") of a language given by name or code; None if it has none."""
    return _iso().long_codes.get(language_name(label) or "")


@dataclass(frozen=True)
class _Iso:
    """ISO 639: languages with a code of two letters, by name and by code."""

    names: dict[str, str]
    codes: dict[str, str]
    long_codes: dict[str, str]


@lru_cache(maxsize=1)
def _iso() -> _Iso:
    # Imported when first used: it takes half a second.
    from iso639 import ALL_LANGUAGES

    iso = _Iso({}, {}, {})
    for language in ALL_LANGUAGES:
        if language.part1:
            listed = re.sub(r"\s*\(.*\)", "", language.name.lower())
            name = _OWN_NAMES.get(listed, listed)
            iso.codes[name] = language.part1
            iso.long_codes[name] = language.part2b or language.part3
            labels = (listed, name, language.part1, language.part3, language.part2b)
            iso.names.update({label: name for label in labels if label})
    return iso
