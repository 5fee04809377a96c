"""The stage that aligns a recogniser's words: what it leaves unchanged, and the built-in model on real singing."""

from __future__ import annotations

import statistics
from dataclasses import replace

import pytest
from helpers.files import EXAMPLES
from helpers.sounds import chord
from helpers.sung_verse import sing

from lyricsrec import load_pipeline
from lyricsrec.alignment.word_times import AlignedTimer, WordTimesConfig
from lyricsrec.audio.audio import Audio
from lyricsrec.decoding.emission import Emission
from lyricsrec.formats.read import read_lyrics
from lyricsrec.lyrics.transcript import Word
from lyricsrec.recognition.base import Piece, RecognizedPiece

WORDS = (Word("The", 1.8, 2.1, confidence=0.5), Word("river", 2.6, 2.8, confidence=0.5))


class FakeCtcModel:
    """An English model that recognises "the river" at 2 s; counts its calls."""

    def __init__(self) -> None:
        self.pieces: list[Audio] = []

    def for_language(self, language: str | None) -> FakeCtcModel | None:
        return self if language == "en" else None

    def emission(self, piece: Audio) -> Emission:
        self.pieces.append(piece)
        return sing([(2.0, "the river")], 4.0)


def piece() -> Piece:
    sound = Audio(chord(4.0, 16_000, 1).T.copy(), 16_000, 0.0)
    return Piece(sound, sound)


def test_words_are_aligned() -> None:
    model = FakeCtcModel()
    timer = AlignedTimer("planted", model.for_language, WordTimesConfig())
    for _ in range(2):
        timed = timer.time(RecognizedPiece(WORDS, (), "en"), piece())
        assert [(word.text, word.start_s) for word in timed] == [("The", 2.0), ("river", 2.4)]
    assert len(model.pieces) == 2


@pytest.mark.parametrize(
    "recognized", [RecognizedPiece((), (), "en"), RecognizedPiece(WORDS, (), "de"), RecognizedPiece(WORDS)]
)
def test_words_without_a_model_keep_their_times(recognized: RecognizedPiece) -> None:
    model = FakeCtcModel()
    timer = AlignedTimer("planted", model.for_language, WordTimesConfig())
    assert timer.time(recognized, piece()) == recognized.words
    assert not model.pieces


def test_real_singing_is_aligned() -> None:
    pipeline = load_pipeline("offline", offline=True)
    assert pipeline.provenance.settings["times"] == "aligned by sung.en or sung"
    before: list[RecognizedPiece] = []

    class RecordingTimer:
        name = "recording"

        def time(self, recognized: RecognizedPiece, piece: Piece) -> tuple[Word, ...]:
            before.append(recognized)
            return pipeline.timer.time(recognized, piece)

    transcript = replace(pipeline, timer=RecordingTimer()).transcribe(EXAMPLES / "on_the_run_verse.flac")
    own = [word for recognized in before for word in recognized.words]
    assert [word.text for word in own] == [word.text for word in transcript.words]
    karaoke = read_lyrics(EXAMPLES / "karaoke" / "on_the_run_verse.txt").lines
    # The last line is spelled differently there.
    sung = [word for line in karaoke[:3] for word in line.words]
    aligned, before_that = (
        statistics.median(abs(word.start_s - right.start_s) for word, right in zip(words, sung, strict=False))
        for words in (transcript.words, own)
    )
    assert aligned <= 0.08
    assert aligned < before_that
