"""Translated lines, by a stand-in for Whisper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lyricsrec.audio.audio import Audio
from lyricsrec.base.errors import UsageError
from lyricsrec.lyrics.transcript import Line, Provenance, Transcript, Word
from lyricsrec.pipeline.translation.translate import with_translation

LINES = (
    Line((Word("quiero", 10.0, 11.0), Word("decirte", 11.0, 12.0))),
    Line((Word("adiós", 14.0, 15.0),)),
    Line((Word("después", 60.0, 61.0),)),
    Line((Word("perdido", None, None),)),
)
WORDS = {
    9.7: [(" I", 0.5, 0.9), (" want to", 0.9, 1.5), (" Goodbye", 3.8, 4.4)],
    59.7: [(" ", 0.1, 0.2)],
}
SONG: Any = SimpleNamespace(
    name="song", excerpt=lambda start_s, end_s: Audio(np.full((2, 8), start_s, np.float32), 44100, start_s)
)


class Whisper:
    """Gives the words of the stretch that begins at a time."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def transcribe(self, samples: Any, **settings: Any) -> tuple[list[Any], None]:
        self.asked.append(settings)
        start_s = round(float(samples[0]), 1)
        words = [SimpleNamespace(word=text, start=begin, end=end) for text, begin, end in WORDS[start_s]]
        return [SimpleNamespace(words=words)], None


def pipeline_of(whisper: Whisper, *, is_multilingual: bool = True) -> Any:
    encoder = SimpleNamespace(is_multilingual=is_multilingual, model=whisper)
    return SimpleNamespace(
        recognizer=SimpleNamespace(name="base", encoder=encoder),
        resample=lambda audio: Audio(audio.samples[:1], 16000, 0),
    )


def transcript_in(language: str) -> Transcript:
    return Transcript("song", 70.0, LINES, provenance=Provenance("0", "", "base", decoder="", language=language))


def test_words_go_to_the_line_that_is_sung_then() -> None:
    whisper = Whisper()
    found = with_translation(pipeline_of(whisper), SONG, transcript_in("es"))
    assert [(line.text, line.role) for line in found.lines] == [
        ("quiero decirte", None),
        ("I want to", "translation"),
        ("adiós", None),
        ("Goodbye", "translation"),
        ("después", None),
        ("perdido", None),
    ]
    assert found.lines[1].words == (Word("I", 10.0, None), Word("want", None, None), Word("to", None, 12.0))
    assert [(asked["task"], asked["language"]) for asked in whisper.asked] == [("translate", "es")] * 2


def test_songs_in_english_are_kept() -> None:
    whisper = Whisper()
    assert with_translation(pipeline_of(whisper), SONG, transcript_in("en")) == transcript_in("en")
    assert whisper.asked == []


@pytest.mark.parametrize(
    "pipeline",
    [pipeline_of(Whisper(), is_multilingual=False), SimpleNamespace(recognizer=SimpleNamespace(name="sung"))],
)
def test_models_that_cannot_translate(pipeline: Any) -> None:
    with pytest.raises(UsageError, match="cannot translate"):
        with_translation(pipeline, SONG, transcript_in("es"))
