"""Names of languages, as data sets spell them, and what goes with each: its code and its letters."""

from __future__ import annotations

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_CODES = {
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "hungarian": "hu",
    "italian": "it",
    "latvian": "lv",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "slovak": "sk",
    "slovene": "sl",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
    "welsh": "cy",
}
_NAMES = {code: name for name, code in _CODES.items()} | {
    "anglais": "english",
    "castellano": "spanish",
    "deutsch": "german",
    "deu": "german",
    "eng": "english",
    "englisch": "english",
    "español": "spanish",
    "fra": "french",
    "français": "french",
    "französisch": "french",
    "inglés": "english",
    "italiano": "italian",
    "nederlands": "dutch",
    "polski": "polish",
    "português": "portuguese",
    "slovenian": "slovene",
    "spa": "spanish",
    "spanisch": "spanish",
}

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
"""Letters that a recogniser of each language spells with, in upper case; ß is SS."""


def language_name(label: str | None) -> str | None:
    """The English name, in lower case, of a language that a data set calls `label` ("Englisch", "en", "ENGLISH").

    Of several, separated by commas, the first; an unknown label stays as it is, and an empty one is None.
    """
    first = (label or "").replace(";", ",").split(",")[0].strip().lower()
    if first in ("", "none", "unknown"):
        return None
    return _NAMES.get(first, first)


def language_code(name: str | None) -> str | None:
    """The two-letter code of a language's English name; None when it has none here."""
    return _CODES.get(name or "")
