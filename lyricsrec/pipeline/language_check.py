"""A recogniser that knows one language, and a song in another: this must be said, not written as confident nonsense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

from lyricsrec.lyrics.languages import language_name
from lyricsrec.recognition.base import FoundLanguage, Piece

WARNING = "Warning: "
"""How notes begin that put the whole transcript in doubt; the page shows them above the lyrics."""


class LanguageFinder(Protocol):
    """Finds the language of a song."""

    def find_language(self, pieces: Sequence[Piece]) -> FoundLanguage:
        """The language of pieces of one song."""


class LanguageCheck:
    """Compares the language of songs with the only one, `known`, of the recogniser called `recognizer`.

    `load` loads the model that finds languages when it is needed for the first time.
    """

    def __init__(self, recognizer: str, known: str, load: Callable[[], LanguageFinder]) -> None:
        self._recognizer, self._known, self._load = recognizer, known, load

    @cached_property
    def _finder(self) -> LanguageFinder:
        return self._load()

    def warning(self, pieces: Sequence[Piece]) -> str | None:
        """What to tell the user of a song; None where it is in the known language, or that is uncertain."""
        if not pieces:
            return None
        found = self._finder.find_language(pieces)
        if found.code == self._known or not found.is_sure:
            return None
        return (
            f"{WARNING}this song is probably in {_name(found.code)}, and the model {self._recognizer} knows only "
            f"{_name(self._known)}: expect wrong words. Choose a model of many languages, such as `base` (--preset "
            f"offline); --language {self._known} says that the song is in {_name(self._known)}."
        )


def _name(code: str) -> str:
    return (language_name(code) or code).title()
