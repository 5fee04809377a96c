"""The stage that times words: when those that a recogniser heard in a piece are sung."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Protocol

from lyricsrec.alignment.heard import HeardConfig, retime
from lyricsrec.audio import Audio
from lyricsrec.emission import Emission
from lyricsrec.recognize import Heard, Piece
from lyricsrec.transcript import Word


class Timer(Protocol):
    """Gives words their times."""

    name: str

    def time(self, heard: Heard, piece: Piece) -> tuple[Word, ...]:
        """The words that were heard in a piece, in order, none changed but for its times."""


class Listener(Protocol):
    """A CTC recogniser."""

    def emission(self, piece: Audio) -> Emission:
        """Log-probabilities of a mono piece at 16 kHz."""


class AlignedTimer:
    """Lays the words of one language over what a CTC model hears in their piece; others keep their times.

    The model is loaded by `load` when there is something to time for the first time.
    """

    def __init__(self, name: str, load: Callable[[], Listener], language: str, config: HeardConfig) -> None:
        self.name = name
        self._load, self._language, self._config = load, language, config

    @cached_property
    def _listener(self) -> Listener:
        return self._load()

    def time(self, heard: Heard, piece: Piece) -> tuple[Word, ...]:
        """The words that were heard in a piece, at new times where the model bears them out."""
        if not heard.words or heard.language != self._language:
            return heard.words
        return retime(self._listener.emission(piece.voice), heard.words, piece.voice.end_s, self._config)
