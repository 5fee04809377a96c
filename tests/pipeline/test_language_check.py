"""Warnings of songs in a language that the recogniser does not know, and the language in the transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.progress import Warnings

from lyricsrec.audio.segment import Span
from lyricsrec.base.progress import Report, ignore
from lyricsrec.lyrics.lines import LineConfig
from lyricsrec.lyrics.transcript import Provenance, Word
from lyricsrec.pipeline.language_check import LanguageCheck
from lyricsrec.pipeline.pipeline import Pipeline
from lyricsrec.recognition.acoustic import to_recognizer
from lyricsrec.recognition.base import FoundLanguage, Piece, RecognizedPiece
from lyricsrec.separation.base import NoSeparator

GERMAN, UNSURE = FoundLanguage("de", 0.97), FoundLanguage("de", 0.4)


class Multilingual:
    """Recognises a word and a language in every piece; records the language that it was called with."""

    name = "planted"
    longest_s = 30.0
    vocabulary = None

    def __init__(self, found: FoundLanguage | None) -> None:
        self.found = found

    def recognize(
        self, pieces: Sequence[Piece], report: Report = ignore, *, language: str | None = None
    ) -> Iterator[RecognizedPiece]:
        for piece in pieces:
            yield RecognizedPiece((Word("la", piece.mix.start_s, piece.mix.end_s),), (), "de", found=self.found)


class Finder:
    def __init__(self, found: FoundLanguage) -> None:
        self.found, self.calls = found, 0

    def find_language(self, pieces: Sequence[Piece]) -> FoundLanguage:
        self.calls += 1
        return self.found


def pipeline(found: FoundLanguage | None, check: LanguageCheck | None = None) -> Pipeline:
    return Pipeline(
        NoSeparator(),
        to_recognizer,
        lambda voice: [Span(voice.start_s, voice.end_s)],
        recognizer=Multilingual(found),
        decoder=None,
        lines=LineConfig(),
        provenance=Provenance("0", "none", "planted", decoder="none"),
        language_check=check,
    )


@pytest.mark.parametrize(
    ("found", "language", "settings"),
    [
        (GERMAN, "de", {"language_probability": 0.97}),
        (UNSURE, None, {"language_probability": 0.4}),
        (None, "de", {}),  # the only one that the recogniser knows
    ],
)
def test_the_language_that_was_found_is_in_the_transcript(
    tone: Path, found: FoundLanguage | None, language: str | None, settings: dict[str, float]
) -> None:
    provenance = pipeline(found).transcribe(tone).provenance
    assert (provenance.language, provenance.settings) == (language, settings)


def test_a_song_in_another_language_is_reported(tone: Path) -> None:
    progress, finder = Warnings(), Finder(GERMAN)
    check = LanguageCheck("tiny.en", "en", lambda: finder)
    transcript = pipeline(None, check).transcribe(tone, progress=progress)
    (note,) = transcript.notes
    assert note.startswith("Warning: this song is probably in German, and the model tiny.en knows only English")
    assert [text.split(", and")[0].rsplit("/")[-1] for text in progress.warnings] == [
        "tone.wav: this song is probably in German"
    ]
    assert (finder.calls, transcript.text, transcript.provenance.language) == (1, "la", None)


@pytest.mark.parametrize("found", [UNSURE, FoundLanguage("en", 0.9)])
def test_nothing_is_said_of_the_known_language_or_an_uncertain_one(tone: Path, found: FoundLanguage) -> None:
    check = LanguageCheck("tiny.en", "en", lambda: Finder(found))
    assert pipeline(None, check).transcribe(tone).notes == ()
    assert replace(pipeline(None, check), language_check=None).transcribe(tone).notes == ()
