"""What the pipeline asks of a recogniser, and how to load one by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lyricsrec.audio.audio import Audio
from lyricsrec.base.progress import Report, ignore
from lyricsrec.decoding.emission import Emission
from lyricsrec.lyrics.transcript import Word


@dataclass(frozen=True)
class Piece:
    """A stretch to recognise in one go, mono at 16 kHz: the separated voice, and the mix it came from."""

    voice: Audio
    mix: Audio


@dataclass(frozen=True)
class RecognizedPiece:
    """Words of a recogniser that needs no decoder, with remarks on text that was dropped.

    `language` is the code of the language that they were heard in, None where nobody says.
    """

    words: tuple[Word, ...]
    notes: tuple[str, ...] = ()
    language: str | None = None


class Recognizer(Protocol):
    """Listens to pieces of up to `longest_s` seconds."""

    name: str
    longest_s: float

    def recognize(self, pieces: Sequence[Piece], report: Report = ignore) -> Iterator[Emission | RecognizedPiece]:
        """What was heard in each piece of a block, in order: an emission for a decoder, or words."""
