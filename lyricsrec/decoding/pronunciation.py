"""Pronunciations of words from a lexicon: CMUdict's format, and that of the Montreal Forced Aligner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lyricsrec.base.errors import DataError
from lyricsrec.base.output import display_name
from lyricsrec.base.reading.input_files import open_input, rows_of

LEXICON = "lexicon.txt"
"""File name of the pronunciations in the folder of a model that outputs phonemes."""

_LEXICON_BYTES = 1 << 28
_COMMENT = (";;;", "#")
_VARIANT = re.compile(r"\(\d+\)$")
_STRESSED = re.compile(r"^([A-Z]{1,2})[0-2]$")
_NUMBER = re.compile(r"^\d*\.\d+$|^\d+$")


@dataclass(frozen=True)
class Lexicon:
    """The phonemes of words, which are in upper case."""

    entries: Mapping[str, tuple[str, ...]]

    def phonemes(self, text: str) -> list[str]:
        """The phonemes of a text; words that the lexicon lacks have none."""
        return [phoneme for word in text.upper().split() for phoneme in self.entries.get(_bare(word), ())]

    def unknown(self, text: str) -> list[str]:
        """The words of a text that the lexicon lacks; signs without a letter are none."""
        words = (_bare(word) for word in text.upper().split())
        return [word for word in words if word not in self.entries and any(c.isalnum() for c in word)]

    def of(self, texts: Iterable[str]) -> Lexicon:
        """The part of the lexicon with the words of texts."""
        words = {_bare(word) for text in texts for word in text.upper().split()}
        return Lexicon({word: phonemes for word, phonemes in self.entries.items() if word in words})

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All phonemes, sorted."""
        return tuple(sorted({phoneme for phonemes in self.entries.values() for phoneme in phonemes}))

    def text(self) -> str:
        """The lexicon as a file."""
        return "".join(f"{word}\t{' '.join(phonemes)}\n" for word, phonemes in sorted(self.entries.items()))


def read_lexicon(path: Path) -> Lexicon:
    """The first pronunciation of each word of a lexicon.

    A row is a word, a tab or spaces, and its phonemes; numbers between them (probabilities) do not count, nor do stress
    marks of ARPAbet (AH0). Raises DataError when the file cannot be read or has no pronunciations.
    """
    entries: dict[str, tuple[str, ...]] = {}
    try:
        with open_input(path) as file:
            for line in rows_of(file, _LEXICON_BYTES):
                row = line.decode("utf-8", "replace").strip()
                word, *rest = row.split() or [""]
                phonemes = tuple(_STRESSED.sub(r"\1", symbol) for symbol in rest if not _NUMBER.match(symbol))
                if phonemes and not row.startswith(_COMMENT):
                    entries.setdefault(_VARIANT.sub("", word).upper(), phonemes)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{display_name(path)}: cannot be read as a lexicon ({reason})") from None
    if not entries:
        raise DataError(
            f"{display_name(path)}: no pronunciations in this lexicon",
            "A row has a word and its phonemes: HELLO HH AH L OW",
        )
    return Lexicon(entries)


def _bare(word: str) -> str:
    """A word without the punctuation around it; apostrophes belong to words."""
    return word.strip('.,;:!?"()[]…“”„«»-–—').replace("’", "'")
